# %% [markdown]
# # Classify sequences of different lengths
#
# Reviews of 4 to 13 words are padded to one length, `(4000, 13)`. An Embedding
# makes a vector of each word, `(None, None, 16)`, and a mask of the padding. The
# LSTM steps over what is masked, and gives one vector a review,
# `(None, 32)`. However long the padding is, the answer is the same.
#
# Needs `pip install keras==3.15.1 tensorflow==2.21.0`. The shapes are explained
# in [different lengths](../docs/data/variable-length.md) and
# [masking](../docs/data/masking.md).

# %%
import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)

# %% [markdown]
# ## The data
#
# They are made here: short reviews. What a review says last counts, and "not"
# turns a word around; so it isn't enough to know which words there are.

# %%
random = np.random.default_rng(0)
nouns = ["film", "music", "story", "actor", "end"]
adjectives = {"good": 1, "great": 1, "fine": 1, "bad": 0, "dull": 0, "weak": 0}


def statement():
    """Some words, and 1 where they praise."""
    negated, stressed = random.integers(2, size=2)
    adjective = random.choice(list(adjectives))
    words = ["the", random.choice(nouns), "was"]
    words += ["not"] * negated + ["very"] * stressed + [adjective]
    return words, adjectives[adjective] ^ negated


reviews, labels = [], []
for number in range(4000):
    words, praises = statement()
    if number % 2:
        more, praises = statement()
        words = [*words, "but", *more]
    reviews.append(words)
    labels.append(praises)

print(len(reviews[0]), "words, praise:", labels[0], "-", *reviews[0])
print(len(reviews[1]), "words, praise:", labels[1], "-", *reviews[1])

y = np.array(labels)[:, np.newaxis]
assert y.shape == (4000, 1)

# %% [markdown]
# ## Words to numbers, lists to one array
#
# 0 is kept for the padding. It stands behind the words: a GPU is fast only
# with masks that end a row.

# %%
words = sorted({word for review in reviews for word in review})
number_of = {word: number for number, word in enumerate(words, 1)}
rows = [[number_of[word] for word in review] for review in reviews]
assert len(number_of) == 16

x = keras.utils.pad_sequences(rows, padding="post")
assert x.shape == (4000, 13)  # reviews, words of the longest

# %% [markdown]
# ## The model
#
# The length stays open, so that a longer review can be read too.

# %%
numbers = keras.Input(shape=(None,), dtype="int32")
assert numbers.shape == (None, None)  # reviews, words

vectors = layers.Embedding(len(number_of) + 1, 16, mask_zero=True)(numbers)
assert vectors.shape == (None, None, 16)  # a vector for each word

vector = layers.LSTM(32)(vectors)
assert vector.shape == (None, 32)  # a vector for each review

praise = layers.Dense(1, activation="sigmoid")(vector)
assert praise.shape == (None, 1)  # the probability of praise

model = keras.Model(numbers, praise)
model.summary()

# %%
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
history = model.fit(x[:3000], y[:3000], epochs=4, verbose=0)
print(f"loss at the end: {history.history['loss'][-1]:.3f}")

_, accuracy = model.evaluate(x[3000:], y[3000:], verbose=0)
guess = max(y[3000:].mean(), 1 - y[3000:].mean())
print(f"always the same answer: {guess:.1%} right")
print(f"the model: {accuracy:.1%} right")
assert accuracy > 0.95 > guess

# %% [markdown]
# ## Does the padding change the answer?
#
# With the mask it doesn't: the same reviews, padded to 13 words and to 40, get
# the same answers.

# %%
longer = keras.utils.pad_sequences(rows[:8], maxlen=40, padding="post")
assert longer.shape == (8, 40)

short, long = model(x[:8]), model(longer)
assert short.shape == long.shape == (8, 1)
print("with the mask:", np.allclose(short, long, atol=1e-6))
assert np.allclose(short, long, atol=1e-6)

# %% [markdown]
# Without it, the LSTM reads the zeros as words, and answers something else.

# %%
vectors = layers.Embedding(len(number_of) + 1, 16)(numbers)
assert vectors.shape == (None, None, 16)

vector = layers.LSTM(32)(vectors)
assert vector.shape == (None, 32)

praise = layers.Dense(1, activation="sigmoid")(vector)
assert praise.shape == (None, 1)

unmasked = keras.Model(numbers, praise)
unmasked.set_weights(model.get_weights())
short, long = unmasked(x[:8]), unmasked(longer)
assert short.shape == long.shape == (8, 1)
print("without it:", np.allclose(short, long, atol=1e-6))
assert not np.allclose(short, long, atol=1e-6)

# %% [markdown]
# ## Reviews of your own
#
# They are a batch too. Only words that were there in training have a number.

# %%
texts = [
    "the music was not very good",
    "the end was dull but the film was not bad",
    "the actor was weak",
]
own = [[number_of[word] for word in text.split()] for text in texts]
batch = keras.utils.pad_sequences(own, padding="post")
assert batch.shape == (3, 10)  # reviews, words of the longest

probabilities = model.predict(batch, verbose=0)
assert probabilities.shape == (3, 1)

for text, probability in zip(texts, probabilities[:, 0], strict=True):
    print(f"{probability:4.0%} praise: {text}")
