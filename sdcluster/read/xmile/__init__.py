"""Read XMILE files, including Stella's: strict XML, and a grammar for equations. `reader.read` returns a `Model`."""
