"""Make Python in a browser ready for Keras: no threads, JAX's names first, rare modules later."""

import concurrent.futures
import socket
import sys

import jax  # noqa: F401  before Keras, which takes them from a part of itself that is left out

# What people import, and a browser can't have.
ABSENT = {
    "tf_keras": "Keras 2 needs TensorFlow. Run it on your computer: pip install tf-keras",
    "tensorflow": "Run it on your computer: pip install tensorflow",
    "torch": "Run it on your computer: pip install torch",
    "sklearn": "Run it on your computer: pip install scikit-learn",
    "pandas": "Run it on your computer: pip install pandas",
    "matplotlib": "Run it on your computer: pip install matplotlib",
    "h5py": "Run it on your computer: pip install h5py",
    "onnx": "Run it on your computer: pip install onnx",
    "ai_edge_litert": "Run it on your computer: pip install ai-edge-litert",
}


class AtOnce(concurrent.futures.Executor):
    """Runs at once what it is handed: Keras hands it callbacks, and waits for them later."""

    def submit(self, fn, /, *args, **kwargs):
        """Run `fn`, and return a future that is done."""
        future = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class Later:
    """Fetches the modules that the snapshot hasn't, when the first of them is imported."""

    names = frozenset()

    def find_spec(self, name, path, target=None):
        """Nothing: the finders after this one find what was fetched."""
        if name in self.names:
            Later.names = frozenset()
            import js

            js.fetchLater()
            sys.path_importer_cache.clear()


class Absent:
    """Says of a package that a browser can't have where to run it; the last finder."""

    def find_spec(self, name, path, target=None):
        """Nothing. Raises ModuleNotFoundError for a package that is known to be missing."""
        if name in ABSENT and _is_asked_by_program():
            raise ModuleNotFoundError(
                f"{name} isn't available in the browser. {ABSENT[name]}", name=name
            )


def _is_asked_by_program():
    """Whether the program imports it itself: Keras tries for some, and does without."""
    frame = sys._getframe(2)
    while frame and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "__main__"


def _refuse_network(*_, **__):
    raise OSError("the browser's Python has no network. Run the program on your computer")


socket.getaddrinfo = socket.socket.connect = _refuse_network
concurrent.futures.ThreadPoolExecutor = AtOnce
sys.meta_path.insert(0, Later())
sys.meta_path.append(Absent())
