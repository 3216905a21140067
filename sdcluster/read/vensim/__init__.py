"""Read Vensim files: split the text into definitions, parse and translate them, and build a `Model`."""
