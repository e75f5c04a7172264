"""What Keras's NumPy backend imports of SciPy, and what layers compute with it."""

from scipy import linalg, special  # noqa: F401


def __getattr__(name):
    raise AttributeError(f"scipy.{name} isn't available in the browser")
