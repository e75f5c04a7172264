# %% [markdown]
# # Forecast a real series
#
# Sixty-one years of months become one series, `(732,)`. The series becomes
# windows of a year, `(720, 12, 1)`. An LSTM makes one vector of each,
# `(None, 32)`, and a Dense layer the next month, `(None, 1)`. It is better than
# four naive forecasts, and than the best of them by little.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0 matplotlib==3.11.2`. The
# shapes are explained in
# [windows](../docs/data/windows.md), [scaling](../docs/data/scaling.md) and
# [forecasting](../docs/data/forecast.md).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# The monthly temperature of the sea surface off Peru (zero to ten degrees
# south, ninety to eighty degrees west), in degrees Celsius: a row for each
# year from 1950, a column for each month. In some years El Niño warms it.
#
# Source: ERSST.v3b, region Niño 1+2, of the
# [Climate Prediction Center](https://www.cpc.ncep.noaa.gov/data/indices/) of
# the U.S. National Oceanic and Atmospheric Administration, as in the data set
# `elnino` of statsmodels 0.15. License: a work of the U.S. government;
# statsmodels says that it is in the public domain.

# %% folded="61 rows of 12 temperatures"
CELSIUS = """
23.11 24.20 25.37 23.86 23.03 21.57 20.63 20.15 19.67 20.03 20.02 21.80
24.19 25.28 25.60 25.37 24.79 24.69 23.86 22.32 21.44 21.77 22.33 22.89
24.52 26.21 26.37 24.73 23.71 22.34 20.89 20.02 19.63 20.40 20.77 22.39
24.15 26.34 27.36 27.03 25.47 23.49 22.20 21.45 21.25 20.95 21.60 22.44
23.02 25.00 25.33 22.97 21.73 20.77 19.52 19.33 18.95 19.11 20.27 21.30
23.75 24.82 25.14 24.22 22.16 21.20 20.46 19.63 19.24 19.16 19.84 21.19
23.24 24.71 25.90 24.66 23.14 22.04 21.47 20.55 19.89 19.69 20.57 21.58
23.13 26.30 27.63 27.15 26.72 25.04 23.83 22.34 21.80 21.80 22.39 23.69
24.89 26.55 27.09 26.37 24.71 23.23 22.31 20.72 20.62 21.05 21.52 22.50
23.97 25.90 26.94 25.84 24.23 22.57 21.50 20.15 20.23 20.86 21.88 22.55
24.40 25.59 26.01 24.66 23.53 21.83 20.73 20.10 20.56 20.27 20.93 22.74
24.58 26.66 25.95 25.17 23.60 22.36 20.52 19.97 19.70 20.07 21.09 22.11
24.02 25.35 24.47 23.43 23.03 21.81 20.60 20.17 20.02 20.14 20.99 21.82
23.81 25.36 26.02 24.67 23.97 22.41 21.80 21.31 21.00 21.13 21.64 22.55
24.15 25.08 25.30 24.61 21.93 21.44 20.25 19.48 19.67 19.79 20.88 21.83
24.22 26.17 26.71 27.01 26.09 24.60 23.26 22.54 21.26 21.57 22.29 23.35
25.15 25.88 25.35 24.26 22.92 21.80 20.85 20.17 20.04 20.51 21.03 22.25
23.66 25.54 25.55 24.98 23.77 22.04 21.10 19.84 19.08 19.47 20.20 21.28
23.19 24.88 25.11 23.97 22.44 21.70 21.25 20.97 21.23 21.12 21.68 23.20
24.67 25.56 27.09 26.66 26.07 24.39 22.47 21.06 20.88 21.74 22.47 23.60
25.02 25.76 25.53 24.76 22.94 21.27 19.69 19.27 19.50 20.16 20.61 21.77
23.33 24.58 25.24 24.95 23.29 21.60 21.01 19.97 19.74 19.88 20.94 21.99
24.51 26.66 27.09 26.25 25.47 25.01 24.11 23.42 22.12 22.58 23.32 24.89
26.03 26.48 26.27 24.87 23.44 21.76 20.84 19.47 19.49 19.80 20.71 21.74
23.29 24.87 25.69 25.28 24.35 22.48 21.58 20.73 20.15 19.88 20.68 21.41
23.55 24.95 26.06 25.53 23.71 21.84 21.05 19.97 19.14 19.17 19.44 21.05
23.51 25.36 25.88 25.72 25.11 24.46 23.30 21.91 21.56 21.69 22.14 23.29
24.93 25.79 26.13 25.29 23.88 22.70 21.63 20.25 19.82 20.61 21.29 22.47
24.32 25.77 25.39 24.73 23.15 21.89 21.01 19.66 19.98 20.22 21.62 22.94
24.71 25.60 25.93 25.58 24.52 23.28 21.79 21.05 21.15 21.43 21.95 22.97
24.35 25.73 26.46 25.71 24.46 22.88 21.26 20.57 20.45 20.43 21.23 22.34
22.98 24.90 25.94 24.89 23.90 22.57 21.10 20.03 20.09 20.58 21.26 22.60
24.36 25.42 25.40 24.96 24.21 23.35 22.50 21.89 22.04 22.88 24.57 25.89
27.25 28.23 28.85 28.82 28.37 27.43 25.73 23.88 22.26 22.22 22.21 23.19
24.32 25.12 25.75 25.40 23.58 22.30 21.53 20.64 20.73 20.62 21.70 22.47
23.84 24.83 25.60 24.28 22.67 21.84 20.75 19.90 19.86 20.26 20.97 22.49
24.31 25.90 25.78 24.86 23.35 22.03 21.64 21.07 21.13 21.46 22.17 23.53
25.60 27.02 27.89 26.95 25.96 24.04 23.00 21.92 22.00 22.54 22.84 23.51
24.76 25.74 25.71 24.68 23.18 21.66 20.59 19.63 19.44 19.83 20.96 22.25
24.36 26.02 26.21 25.54 23.36 22.14 21.27 20.86 20.17 20.52 21.44 22.61
24.22 26.17 26.15 25.15 24.14 22.76 21.36 20.70 20.28 20.40 21.19 22.29
23.99 25.59 26.31 25.15 24.44 23.28 22.39 21.39 21.22 21.73 22.40 23.75
25.02 26.62 27.72 27.58 26.44 23.86 21.84 20.87 20.85 21.15 21.84 22.79
24.68 26.46 27.07 26.84 25.60 24.11 22.61 21.65 21.11 21.71 22.07 22.86
24.56 25.89 25.75 24.49 23.52 22.31 21.17 20.22 20.65 22.04 22.27 23.75
25.48 26.25 26.09 24.32 23.37 22.43 21.42 20.46 20.50 20.62 21.49 22.03
23.81 25.52 26.28 24.00 23.11 21.66 20.72 20.23 20.43 20.52 20.77 21.68
23.70 26.08 27.17 26.74 26.77 26.15 25.59 24.95 24.69 24.64 25.85 27.08
28.12 28.82 29.24 28.45 27.36 25.19 23.61 22.27 21.31 21.37 21.60 22.81
24.23 25.73 26.47 24.53 23.64 22.09 21.36 20.67 20.08 20.46 20.62 22.42
24.01 25.38 25.67 25.53 24.27 22.93 21.47 20.07 20.64 20.90 20.67 22.08
24.24 26.11 26.89 25.99 23.98 22.71 21.48 20.24 19.73 20.14 20.68 21.73
24.09 26.23 27.39 26.44 25.29 23.28 21.64 21.32 21.42 21.85 22.85 24.05
25.01 26.27 26.91 25.41 23.24 22.15 21.50 21.25 20.75 21.70 22.33 23.60
25.09 26.47 26.12 25.27 23.44 22.54 21.26 20.79 20.83 21.56 22.88 23.39
24.61 25.09 25.23 25.21 24.31 22.60 21.61 20.47 20.00 19.89 20.61 22.20
24.76 26.52 26.22 24.29 23.84 22.82 22.20 21.89 21.93 22.46 22.61 24.15
25.82 26.81 26.41 24.96 23.05 21.61 21.05 19.95 19.85 19.31 19.82 21.15
24.24 26.39 26.91 25.68 24.43 23.19 23.02 22.14 21.60 21.39 21.54 22.73
24.39 25.53 25.48 25.84 24.95 24.09 23.09 22.03 21.48 21.64 21.99 23.21
24.70 26.16 26.54 26.04 24.75 23.26 21.11 19.49 19.28 19.73 20.44 22.07
"""

# %%
table = np.array(CELSIUS.split(), "float32").reshape(61, 12)
assert table.shape == (61, 12)  # years, months

# %% [markdown]
# ## Without the seasons
#
# That a summer is warm needs no LSTM. So the mean of each calendar month is
# taken away, and what is left is forecast. The last ten years are for the test:
# means and deviation come from the years before them.

# %%
test_years, window = 10, 12
n_test = test_years * 12

usual = table[:-test_years].mean(axis=0)
assert usual.shape == (12,)  # the mean of each month

departures = table - usual
assert departures.shape == (61, 12)  # years, months

deviation = departures[:-test_years].std()
series = (departures / deviation).reshape(-1)
assert series.shape == (732,)  # months, one after the other

# %% [markdown]
# ## Windows

# %%
x = np.stack([series[i : i + window] for i in range(len(series) - window)])
assert x.shape == (720, 12)  # a window before each month but the first twelve

x = x[..., np.newaxis]
assert x.shape == (720, 12, 1)  # windows, timesteps, features

y = series[window:, np.newaxis]
assert y.shape == (720, 1)  # the month after each window

x_train, x_test = x[:-n_test], x[-n_test:]
assert x_train.shape == (600, 12, 1)
assert x_test.shape == (120, 12, 1)

y_train = y[:-n_test]
assert y_train.shape == (600, 1)

# %% [markdown]
# ## The model

# %%
past = keras.Input(shape=(window, 1))
assert past.shape == (None, 12, 1)  # windows, timesteps, features

vector = layers.LSTM(32)(past)
assert vector.shape == (None, 32)  # what the LSTM keeps of a year

following = layers.Dense(1)(vector)
assert following.shape == (None, 1)  # the next month

model = keras.Model(past, following)
model.summary()

# %%
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
history = model.fit(x_train, y_train, epochs=20, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

# %% [markdown]
# ## Is it better than a naive forecast?
#
# All forecasts of the test years are compared with the truth, in degrees.

# %%
predicted = model.predict(x_test, verbose=0)
assert predicted.shape == (120, 1)

season = np.tile(usual, test_years)
assert season.shape == (120,)  # the usual temperature of each test month

forecast = predicted[:, 0] * deviation + season
assert forecast.shape == (120,)  # degrees again

celsius = table.reshape(-1)
assert celsius.shape == (732,)

truth = celsius[-n_test:]
assert truth.shape == (120,)

last = series[-n_test - 1 : -1] * deviation
assert last.shape == (120,)  # the departure of the month before

naive = {
    "like this month": celsius[-n_test - 1 : -1],
    "like a year before": celsius[-n_test - 12 : -12],
    "as usual": season,
    "as usual, and off by as much as now": season + last,
}
errors = {name: abs(one - truth).mean() for name, one in naive.items()}
error = abs(forecast - truth).mean()
for name in naive:
    print(f"{name:36} {errors[name]:.2f} degrees off")
print(f"{'LSTM':36} {error:.2f} degrees off")
print(
    f"{'LSTM, in its worst month':36} {abs(forecast - truth).max():.2f} degrees off"
)
assert error < min(errors.values())

# %% [markdown]
# The forecast follows the seasons, and most of what is unusual in them.

# %% alt="Line plot of ten years of months: the forecast follows the truth, season by season"
year = 1950 + np.arange(732)[-n_test:] / 12
figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
axes.plot(year, truth, label="truth")
axes.plot(year, forecast, "--", label="forecast, one month ahead")
axes.set_title("Sea surface temperature off Peru")
axes.set_xlabel("year")
axes.set_ylabel("degrees Celsius")
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# To go on beyond the last month,
# [append each forecast to the window](../docs/data/forecast.md#how-do-i-forecast-beyond-the-end-of-my-data).
