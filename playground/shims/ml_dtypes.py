"""What Keras 3.15 reads of ml_dtypes for the types that NumPy itself has."""

from numpy import finfo, iinfo  # noqa: F401

bfloat16 = "bfloat16"  # named by the loader of files in that type; NumPy refuses it


def __getattr__(name):
    raise AttributeError(f"ml_dtypes.{name} isn't available in the browser")
