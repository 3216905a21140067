"""Read XMILE files, including Stella's: strict XML, a grammar for equations, and a `Model` from `reader.read`."""
