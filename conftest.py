"""Make the pages under docs/ tests, wherever pytest is started from."""

pytest_plugins = ["proof.plugin", "matrix.plugin"]
