"""What leaves the program: files, pictures and tables.

Crosses the border: `xarray.Dataset` in; CSV, NetCDF, PNG, SVG or a rich table out. Lazy throughout.
"""
