# %% [markdown]
# # Sequence to sequence: add two numbers
#
# The question is a text, "3+4"; the answer is another, "7". The encoder reads
# the question, `(None, None, 13)`, and hands over its two states, `(None, 128)`
# each. From them the decoder writes the answer, one character at a time. For
# training, one model holds both; to answer, they become two models with the
# same weights. It learns from 3% of all possible sums, and solves nearly all of
# the others that it is asked.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0`. The shapes are explained
# in [encoder and decoder](../docs/layers/encoder-decoder.md) and
# [`return_state`](../docs/learn/return-state.md).

# %%
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# Random sums of two numbers below one thousand. Questions are seven characters
# long, answers four, padded with spaces. The question is read backward, a usual
# trick. 1000 sums are for the test.

# %%
n_test, n_train = 1000, 30_000
numbers = np.random.choice(1_000_000, n_test + n_train, replace=False)
sums = [divmod(number, 1000) for number in numbers]
questions = [f"{a}+{b}".rjust(7)[::-1] for a, b in sums]
answers = [f"{a + b}".ljust(4) for a, b in sums]
print(f"{questions[0][::-1]} = {answers[0].strip()}, read as {questions[0]}")

# %% [markdown]
# Each character becomes a row with a single 1. `<` stands for "begin": the
# decoder reads it first, then each character that it should have written. That
# is called teacher forcing.

# %%
characters = "0123456789+ <"


def indices(texts):
    """The index of each character: (texts, characters of a text)."""
    return np.array([[characters.index(c) for c in text] for text in texts])


def one_hot(texts):
    """A row for each character: (texts, characters of a text, 13)."""
    return np.eye(len(characters), dtype="float32")[indices(texts)]


asked = one_hot(questions)
assert asked.shape == (31000, 7, 13)  # questions, characters, alphabet

read = one_hot(["<" + answer[:-1] for answer in answers])
assert read.shape == (31000, 4, 13)  # what the decoder reads

written = indices(answers)
assert written.shape == (31000, 4)  # what it should write

# %% [markdown]
# ## The model for training

# %%
units = 128
question = keras.Input(shape=(None, len(characters)))
assert question.shape == (None, None, 13)

encoded, h, c = layers.LSTM(units, return_state=True)(question)
assert encoded.shape == h.shape == c.shape == (None, 128)

so_far = keras.Input(shape=(None, len(characters)))
assert so_far.shape == (None, None, 13)

decoder = layers.LSTM(units, return_sequences=True, return_state=True)
steps, _, _ = decoder(so_far, initial_state=[h, c])
assert steps.shape == (None, None, 128)  # an output for each character

choose = layers.Dense(len(characters), activation="softmax")
probabilities = choose(steps)
assert probabilities.shape == (None, None, 13)

training = keras.Model([question, so_far], probabilities)
training.summary()

# %%
epochs, batch = 12, 256
learning_rate = keras.optimizers.schedules.CosineDecay(
    0.01, decay_steps=epochs * -(-n_train // batch)
)
training.compile(
    optimizer=keras.optimizers.Adam(learning_rate),
    loss="sparse_categorical_crossentropy",
)
history = training.fit(
    [asked[n_test:], read[n_test:]],
    written[n_test:],
    epochs=epochs,
    batch_size=batch,
    verbose=0,
)
for epoch in 0, 5, 11:
    print(f"epoch {epoch + 1:2}, loss {history.history['loss'][epoch]:.3f}")

# %% [markdown]
# ## The models that answer
#
# The encoder is the first half of the model. The decoder becomes a model of
# one step: a character and two states in, the probabilities of the next
# character and two states out. Both are made of the trained layers, so they
# share their weights.

# %%
encoder = keras.Model(question, [h, c])

last = keras.Input(shape=(1, len(characters)))
assert last.shape == (None, 1, 13)  # the character written last

h_before = keras.Input(shape=(units,))
assert h_before.shape == (None, 128)

c_before = keras.Input(shape=(units,))
assert c_before.shape == (None, 128)

step, h_after, c_after = decoder(last, initial_state=[h_before, c_before])
assert step.shape == (None, 1, 128)
assert h_after.shape == c_after.shape == (None, 128)

choice = choose(step)
assert choice.shape == (None, 1, 13)

writer = keras.Model([last, h_before, c_before], [choice, h_after, c_after])


# %%
def answer(batch):
    """Answer a batch of questions, (batch, 7, 13): a text for each."""
    size = len(batch)
    h, c = encoder.predict(batch, verbose=0)
    assert h.shape == c.shape == (size, 128)

    character = one_hot(["<"] * size)
    assert character.shape == (size, 1, 13)

    texts = [""] * size
    for _ in range(4):
        chosen, h, c = writer.predict([character, h, c], verbose=0)
        assert chosen.shape == (size, 1, 13)  # one step

        best = chosen[:, 0].argmax(axis=-1)
        assert best.shape == (size,)

        texts = [
            text + characters[n] for text, n in zip(texts, best, strict=True)
        ]
        character = one_hot([text[-1] for text in texts])
        assert character.shape == (size, 1, 13)  # what it reads next
    return texts


# %%
given = answer(asked[:n_test])
right = np.mean(np.array(given) == np.array(answers[:n_test]))
print(f"{right:.1%} of the sums it never saw are right")
assert right > 0.9

for n in range(5):
    print(questions[n][::-1], "=", given[n].strip())
