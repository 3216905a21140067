"""The table of system-dynamics functions, with one row for each function.

`sdcluster.functions.table.find` takes the spelling of a function in a model file and returns the function's row
(`Function`). All other lists of functions in sdcluster derive from this table.
"""
