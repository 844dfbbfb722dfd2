"""The tests. A package, so that the checkout is importable however pytest is started."""
