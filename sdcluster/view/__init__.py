"""Charts, tables and diagrams.

Interface: an `xarray.Dataset` or a `Model` in; PNG or SVG files, SVG texts, tables for a terminal, or sentences out.
Modules are imported on first use.
"""
