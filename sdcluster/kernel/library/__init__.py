"""The numeric library in a small subset of Python: run as it is, and translated once for every target."""
