# %% [markdown]
# # Frames through a CNN into an LSTM
#
# Ten frames of a video, `(None, 10, 16, 16, 1)`, show where a spot moves. A
# CNN makes a row of numbers of each frame, `(None, 10, 256)`; the LSTM reads the
# rows in their order, `(None, 32)`. One frame alone doesn't show a direction.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0 matplotlib==3.11.2`. The
# shapes are explained in [a CNN before an LSTM](../docs/layers/cnn.md).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# The data is made up here: a spot of three by three pixels moves by one pixel a
# frame, over noise. It leaves at one side and comes in at the other.

# %%
directions = ["right", "left", "down", "up"]
clips, frames, size = 1200, 10, 16
y = np.random.randint(0, 4, (clips, 1))
assert y.shape == (1200, 1)

x = np.random.normal(0, 0.2, (clips, frames, size, size, 1))
assert x.shape == (1200, 10, 16, 16, 1)  # clip, frame, height, width, channel

start = np.random.randint(0, size, (clips, 2))
assert start.shape == (1200, 2)  # row and column

step = np.array([(0, 1), (0, -1), (1, 0), (-1, 0)])[y[:, 0]]
assert step.shape == (1200, 2)

for frame in range(frames):
    for pixel in np.ndindex(3, 3):
        place = (start + frame * step + pixel) % size
        assert place.shape == (1200, 2)  # row and column
        x[np.arange(clips), frame, place[:, 0], place[:, 1]] += 1

# %% alt="Four small pictures in a row: a spot moves to the right, by three pixels from each to the next"
shown = range(0, frames, 3)
figure, axes = plt.subplots(1, 4, figsize=(6, 2.2), layout="constrained")
figure.suptitle(f"One clip: the spot moves {directions[y[0, 0]]}")
figure.supylabel("row", fontsize="medium")
figure.supxlabel("column", fontsize="medium")
for frame, ax in zip(shown, axes, strict=True):
    ax.imshow(
        x[0, frame, :, :, 0],
        cmap="gray_r",
        vmin=-1,
        vmax=1.5,
        interpolation="none",
    )
    ax.set_title(f"frame {frame + 1}", fontsize="medium")
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## The model
#
# `TimeDistributed` applies a layer to each frame. An LSTM reads three axes:
# clips, frames, features. Flatten turns height, width and filters into one axis,
# and keeps where in the picture something is.

# %%
video = keras.Input(shape=(frames, size, size, 1))
assert video.shape == (None, 10, 16, 16, 1)

maps = layers.TimeDistributed(
    layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")
)(video)
assert maps.shape == (None, 10, 8, 8, 4)  # clip, frame, height, width, filter

maps = layers.TimeDistributed(
    layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")
)(maps)
assert maps.shape == (None, 10, 4, 4, 16)

features = layers.TimeDistributed(layers.Flatten())(maps)
assert features.shape == (None, 10, 256)  # clips, frames, features

vector = layers.LSTM(32)(features)
assert vector.shape == (None, 32)  # one vector a clip

probabilities = layers.Dense(4, activation="softmax")(vector)
assert probabilities.shape == (None, 4)  # one for each direction

model = keras.Model(video, probabilities)
model.summary()

# %%
model.compile(
    optimizer=keras.optimizers.Adam(0.005),
    loss="sparse_categorical_crossentropy",
)
history = model.fit(x[:1000], y[:1000], epochs=5, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

# %% [markdown]
# ## Does the order of the frames count?
#
# Run backward, a spot that went left goes right: the model says the opposite.

# %%
forward = x[1000:]
assert forward.shape == (200, 10, 16, 16, 1)

backward = forward[:, ::-1]
assert backward.shape == (200, 10, 16, 16, 1)

probabilities = model.predict(forward, verbose=0)
assert probabilities.shape == (200, 4)

said = probabilities.argmax(axis=-1)
assert said.shape == (200,)

truth = y[1000:, 0]
assert truth.shape == (200,)
print(f"forward: {(said == truth).mean():.1%} right")
assert (said == truth).mean() > 0.9

probabilities = model.predict(backward, verbose=0)
assert probabilities.shape == (200, 4)

said = probabilities.argmax(axis=-1)
assert said.shape == (200,)

opposite = np.array([1, 0, 3, 2])[truth]  # left for right, up for down
assert opposite.shape == (200,)
print(f"backward: {(said == opposite).mean():.1%} the opposite")
assert (said == opposite).mean() > 0.9
