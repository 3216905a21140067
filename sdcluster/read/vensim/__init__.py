"""Vensim files: text cut into definitions, PySD's grammars, and a `Model` out of `reader.read_vensim`."""
