"""Charts, tables and diagrams.

Crosses the border: `xarray.Dataset` in; CSV, NetCDF, PNG, SVG or a rich table out. All imports are lazy.
"""
