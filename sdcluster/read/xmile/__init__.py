"""XMILE files (Stella's too): strict XML, our own grammar of equations, and a `Model` out of `reader.read`."""
