"""The table of functions: one row for each system-dynamics function. All other lists of functions derive from it.

Crosses the border: `sdcluster.functions.table` takes a name and returns a row (`Function`).
"""
