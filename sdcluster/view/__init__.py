"""Charts, tables and diagrams.

The functions of this package take an `xarray.Dataset` or a `Model`. They write PNG or SVG files, or return SVG texts,
tables for a terminal, or sentences. Modules are imported on first use.
"""
