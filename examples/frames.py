# %% [markdown]
# # Frames through a CNN into an LSTM
#
# Eight frames of a video, `(None, 8, 16, 16, 1)`, show where a spot moves. A
# CNN makes a row of numbers of each frame, `(None, 8, 64)`; the LSTM reads the
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
# They are made here: a spot moves by one pixel a frame, over noise. It
# leaves at one side and comes in at the other.

# %%
directions = ["right", "left", "down", "up"]
clips, frames, size = 1200, 8, 16
y = np.random.randint(0, 4, (clips, 1))
assert y.shape == (1200, 1)

x = np.random.normal(0, 0.2, (clips, frames, size, size, 1))
assert x.shape == (1200, 8, 16, 16, 1)  # clips, frames, height, width, channels

start = np.random.randint(0, size, (clips, 2))
assert start.shape == (1200, 2)  # row and column

step = np.array([(0, 1), (0, -1), (1, 0), (-1, 0)])[y[:, 0]]
assert step.shape == (1200, 2)

for frame in range(frames):
    for corner in np.ndindex(3, 3):
        row, column = ((start + frame * step + corner) % size).T
        x[np.arange(clips), frame, row, column] += 1

# %% alt="Four small pictures in a row: a spot moves by two pixels from each to the next"
shown = range(0, frames, 2)
figure, axes = plt.subplots(1, 4, figsize=(6, 2.2), layout="constrained")
figure.suptitle(f"One clip: the spot moves {directions[y[0, 0]]}")
figure.supylabel("row", fontsize="medium")
figure.supxlabel("column", fontsize="medium")
for frame, ax in zip(shown, axes, strict=True):
    ax.imshow(x[0, frame, :, :, 0], cmap="gray_r", interpolation="none")
    ax.set_title(f"frame {frame + 1}", fontsize="medium")
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# ## The model
#
# `TimeDistributed` applies a layer to each frame. What stands before the LSTM
# must have one axis left for each frame; Flatten makes it so, and keeps where
# in the picture something is.

# %%
video = keras.Input(shape=(frames, size, size, 1))
assert video.shape == (None, 8, 16, 16, 1)

maps = layers.TimeDistributed(
    layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")
)(video)
assert maps.shape == (None, 8, 8, 8, 8)  # half as high and wide, 8 filters

maps = layers.TimeDistributed(
    layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")
)(maps)
assert maps.shape == (None, 8, 4, 4, 16)

rows = layers.TimeDistributed(layers.Flatten())(maps)
assert rows.shape == (None, 8, 256)  # one row of numbers a frame

rows = layers.TimeDistributed(layers.Dense(64, activation="relu"))(rows)
assert rows.shape == (None, 8, 64)

vector = layers.LSTM(32)(rows)
assert vector.shape == (None, 32)  # one vector a clip

probabilities = layers.Dense(4, activation="softmax")(vector)
assert probabilities.shape == (None, 4)  # one for each direction

model = keras.Model(video, probabilities)
model.summary()

# %%
model.compile(
    optimizer=keras.optimizers.Adam(0.003),
    loss="sparse_categorical_crossentropy",
)
history = model.fit(x[:1000], y[:1000], epochs=8, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

# %% [markdown]
# ## Does the order of the frames count?
#
# Of course it should. Run backward, a spot that went left goes right: the model
# says just the opposite.

# %%
forward = x[1000:]
assert forward.shape == (200, 8, 16, 16, 1)

backward = forward[:, ::-1]
assert backward.shape == (200, 8, 16, 16, 1)

said = model.predict(forward, verbose=0).argmax(axis=-1)
assert said.shape == (200,)

truth = y[1000:, 0]
assert truth.shape == (200,)
print(f"forward: {(said == truth).mean():.1%} right")
assert (said == truth).mean() > 0.95

said = model.predict(backward, verbose=0).argmax(axis=-1)
assert said.shape == (200,)

opposite = truth ^ 1  # right and left, down and up
assert opposite.shape == (200,)
print(f"backward: {(said == opposite).mean():.1%} the opposite")
assert (said == opposite).mean() > 0.95
