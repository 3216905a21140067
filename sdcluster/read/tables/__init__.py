"""Tables outside the model file, in Excel or delimited text: their cells, named ranges, and points of data series."""
