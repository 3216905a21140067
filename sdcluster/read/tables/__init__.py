"""Tables outside the model file (Excel and delimited text): cells, named ranges, and points."""
