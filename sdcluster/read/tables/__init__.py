"""Tables outside the model file, in Excel and delimited text: cells, named ranges, points over a column."""
