# %% [markdown]
# # A series and static features
#
# Two values change from hour to hour, `(None, 12, 2)`; three describe the
# house and stay, `(None, 3)`. The LSTM reads the series and gives one vector,
# `(None, 32)`; the static features are joined after it, `(None, 35)`. Without
# them the model is several times as wrong.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0`. The shapes are explained
# in [several and static features](../docs/data/features.md).

# %%
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# The data is made up here: houses that lose warmth and are heated. How warm is a
# house after a night? That depends on the weather and the heating of each
# hour, and on the house: how much warmth it loses, how much it stores, how
# warm it was.

# %%
houses, hours = 2000, 12
rng = np.random.default_rng(0)

outside = rng.normal(5, 5, (houses, 1)) + rng.normal(0, 2, (houses, hours))
heating = 8 * (rng.random((houses, hours)) < rng.random((houses, 1)))
series = np.stack([outside, heating], axis=-1)
assert series.shape == (2000, 12, 2)  # houses, hours, features of an hour

leak = rng.uniform(0.2, 1.0, houses)
storage = rng.uniform(4, 12, houses)
start = rng.uniform(15, 22, houses)
static = np.stack([leak, storage, start], axis=-1)
assert static.shape == (2000, 3)  # houses, features of a house

inside = start
for hour in range(hours):
    gain = heating[:, hour] - leak * (inside - outside[:, hour])
    inside = inside + gain / storage
y = inside[:, np.newaxis]
assert y.shape == (2000, 1)  # degrees after the last hour

# %% [markdown]
# ## Two inputs
#
# Each feature is scaled by its own mean and deviation, over houses and hours;
# for the static features, over houses. The first layers do it, and learn both
# numbers from the training part.

# %%
n_train = 1500
hourly = layers.Normalization()
hourly.adapt(series[:n_train])
fixed = layers.Normalization()
fixed.adapt(static[:n_train])

series_input = keras.Input(shape=(hours, 2))
assert series_input.shape == (None, 12, 2)

static_input = keras.Input(shape=(3,))
assert static_input.shape == (None, 3)

scaled_series = hourly(series_input)
assert scaled_series.shape == (None, 12, 2)

scaled_static = fixed(static_input)
assert scaled_static.shape == (None, 3)

vector = layers.LSTM(32)(scaled_series)
assert vector.shape == (None, 32)  # one vector for the night

joined = layers.Concatenate()([vector, scaled_static])
assert joined.shape == (None, 35)  # 32 of the night, 3 of the house

hidden = layers.Dense(64, activation="relu")(joined)
assert hidden.shape == (None, 64)

output = layers.Dense(1)(hidden)
assert output.shape == (None, 1)

model = keras.Model([series_input, static_input], output)
model.summary()

# %% [markdown]
# `fit` takes a list with an array for each input, in the order of the model's
# inputs, each with one row for each house.

# %%
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
history = model.fit(
    [series[:n_train], static[:n_train]],
    y[:n_train],
    epochs=6,
    verbose=0,
)
print(f"squared error at the end: {history.history['loss'][-1]:.2f}")

# %% [markdown]
# ## Do the static features help?
#
# The same model without them sees the night, but not the house.

# %%
vector = layers.LSTM(32)(scaled_series)
assert vector.shape == (None, 32)

hidden = layers.Dense(64, activation="relu")(vector)
assert hidden.shape == (None, 64)

output = layers.Dense(1)(hidden)
assert output.shape == (None, 1)

blind = keras.Model(series_input, output)
blind.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
history = blind.fit(series[:n_train], y[:n_train], epochs=6, verbose=0)
print(f"without the house: {history.history['loss'][-1]:.2f}")

# %%
truth = y[n_train:]
predicted = model.predict([series[n_train:], static[n_train:]], verbose=0)
assert predicted.shape == truth.shape == (500, 1)

without = blind.predict(series[n_train:], verbose=0)
assert without.shape == truth.shape

errors = {
    "always the mean": abs(y[:n_train].mean() - truth).mean(),
    "without the house": abs(without - truth).mean(),
    "with the house": abs(predicted - truth).mean(),
}
for name, error in errors.items():
    print(f"{name:18} {error:.2f} degrees off")

assert errors["with the house"] < 0.33 * errors["without the house"]
