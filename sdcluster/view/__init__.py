"""Charts, tables and diagrams.

Interface: `xarray.Dataset` in; CSV, NetCDF, PNG, SVG or a rich table out. All imports are lazy.
"""
