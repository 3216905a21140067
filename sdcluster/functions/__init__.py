"""The one table of functions: a row for each system-dynamics function; every other list of functions follows from it.

Crosses the border: a name in, a row (`Function`) out of `sdcluster.functions.table`.
"""
