"""Output of the program: files, charts and tables.

Crosses the border: `xarray.Dataset` in; CSV, NetCDF, PNG, SVG or a rich table out. Lazy throughout.
"""
