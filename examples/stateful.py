# %% [markdown]
# # Train statefully, predict one at a time
#
# Long streams are cut into chunks, `(16, 8, 1)`: 16 streams, 8 steps of each.
# A stateful LSTM begins each chunk with the state that the chunk before ended
# with. After training, the same weights move into a model that takes one step
# of one stream, `(1, 1, 1)`, as the values come in.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0 matplotlib==3.11.2`. The
# shapes are explained in [stateful](../docs/layers/stateful.md).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# Streams of coin tosses. At each step the model should say what the coin
# showed three steps ago, 1 for heads. At a chunk's first three steps, that was
# in the chunk before. (At the first three of a stream, nobody can know;
# `np.roll` puts the end of the stream there.)

# %%
streams, steps, chunk, lag = 16, 400, 8, 3
tosses = np.random.randint(0, 2, (streams, steps, 1))
assert tosses.shape == (16, 400, 1)

before = np.roll(tosses, lag, axis=1)
assert before.shape == (16, 400, 1)  # but for the first three, three steps ago

# %% [markdown]
# ## Chunks in the right order
#
# `fit` takes 16 rows at a time. Row i of a batch must continue where row i of
# the batch before ended, so the first chunks of all streams come first, then the
# second ones.


# %%
def chunks(values):
    """Cut (16, 400, 1) into chunks, (800, 8, 1), all streams side by side."""
    cut = values.reshape(streams, steps // chunk, chunk, 1)
    assert cut.shape == (16, 50, 8, 1)  # streams, chunks, steps, features

    ordered = cut.swapaxes(0, 1)
    assert ordered.shape == (50, 16, 8, 1)  # chunks, streams, steps, features

    rows = ordered.reshape(-1, chunk, 1)
    assert rows.shape == (800, 8, 1)  # 50 batches of 16 rows
    return rows


x, y = chunks(tosses), chunks(before)
print("a stream's first chunk ends with:", *x[5, -lag:, 0])
print("its second one's target begins with:", *y[streams + 5, :lag, 0])

# %% [markdown]
# ## Stateful, and not
#
# The whole shape is declared, batch included, since the layer keeps a state for
# each row.


# %%
def make(batch, steps, stateful):
    """A model for (batch, steps, 1) that answers at each step."""
    values = keras.Input(batch_shape=(batch, steps, 1))
    assert values.shape == (batch, steps, 1)

    outputs = layers.LSTM(32, return_sequences=True, stateful=stateful)(values)
    assert outputs.shape == (batch, steps, 32)

    heads = layers.Dense(1, activation="sigmoid")(outputs)
    assert heads.shape == (batch, steps, 1)  # the probability of heads
    return keras.Model(values, heads)


model = make(streams, chunk, stateful=True)
lstm = model.layers[1]
h, c = lstm.states
assert h.shape == c.shape == (16, 32)  # streams, units
model.summary()

# %% [markdown]
# `shuffle=False` keeps the order. Each epoch starts the streams again, so the
# state is reset there; Keras doesn't do it by itself.

# %%
reset = keras.callbacks.LambdaCallback(
    on_epoch_begin=lambda epoch, logs: lstm.reset_state()
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
history = model.fit(
    x,
    y,
    batch_size=streams,
    epochs=6,
    shuffle=False,
    callbacks=[reset],
    verbose=0,
)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

stateless = make(streams, chunk, stateful=False)
stateless.compile(
    optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy"
)
history = stateless.fit(x, y, batch_size=streams, epochs=6, verbose=0)
print(f"of the stateless model: {history.history['loss'][-1]:.3f}")

# %% [markdown]
# ## What does the state bring?
#
# On new streams, at each step of a chunk: how often is each model right? Where
# the toss was in the chunk before, the stateless model can only guess. The
# stateful one misses only the first three of each stream.

# %%
tosses = np.random.randint(0, 2, (streams, steps, 1))
x, y = chunks(tosses), chunks(np.roll(tosses, lag, axis=1))
lstm.reset_state()
right = {}
for name, one in {"stateful": model, "stateless": stateless}.items():
    heads = one.predict(x, batch_size=streams, verbose=0)
    assert heads.shape == (800, 8, 1)

    right[name] = ((heads > 0.5) == y).mean(axis=(0, 2))
    assert right[name].shape == (8,)  # for each step of a chunk
    print(f"{name:10}", *(f"{share:4.0%}" for share in right[name]))

assert right["stateful"].min() > 0.95
assert right["stateless"][:lag].max() < 0.6 < right["stateless"][lag:].min()

# %% alt="Bar plot: stateful right at nearly all steps, stateless right at half of the first three"
figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
places = np.arange(1, chunk + 1)
axes.bar(places - 0.2, right["stateful"], 0.4, label="stateful")
axes.bar(places + 0.2, right["stateless"], 0.4, label="stateless", hatch="//")
axes.set_title("Right answers at each step of a chunk")
axes.set_xlabel("step of the chunk")
axes.set_ylabel("share that is right")
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# ## One at a time, with the same weights
#
# No weight depends on the batch or on the number of steps. So a model for one
# step of one stream takes them over, and keeps a state of its own. Its answers
# are the tosses, three steps later; the first three are guesses.

# %%
single = make(1, 1, stateful=True)
single.set_weights(model.get_weights())
assert [state.shape for state in single.layers[1].states] == [(1, 32), (1, 32)]

stream = tosses[0, :12]
assert stream.shape == (12, 1)

answers = []
for toss in stream:
    value = toss[np.newaxis, np.newaxis]
    assert value.shape == (1, 1, 1)  # one stream, one step, one feature

    heads = single(value)
    assert heads.shape == (1, 1, 1)
    answers.append(float(heads[0, 0, 0]))

print("tosses: ", *stream[:, 0])
print("answers:", *(round(answer) for answer in answers))
assert np.array_equal(np.round(answers[lag:]), stream[:-lag, 0])

# %% [markdown]
# They are the answers that the model for chunks gave, but for rounding.

# %%
lstm.reset_state()
first, second = model(x[:streams]), model(x[streams : 2 * streams])
assert first.shape == second.shape == (16, 8, 1)  # a chunk of all streams

whole = np.concatenate([first[0], second[0]])
assert whole.shape == (16, 1)  # 16 steps of the first stream

print("same answers:", np.allclose(whole[:12, 0], answers, atol=1e-3))
assert np.allclose(whole[:12, 0], answers, atol=1e-3)
