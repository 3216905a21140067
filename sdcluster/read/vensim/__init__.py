"""Vensim files: text cut into definitions, these parsed and translated, and a `Model` out of `reader.read`."""
