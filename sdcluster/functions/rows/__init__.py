"""All rows of the table of functions, grouped by families such as arithmetic and delays.

`sdcluster.functions.function.Function` documents the columns.
"""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import (
    arithmetic,
    arrays,
    devices,
    finance,
    lookups,
    markets,
    random_numbers,
    statefuls,
    time_inputs,
)

ROWS: tuple[Function, ...] = (
    *arithmetic.ROWS,
    *time_inputs.ROWS,
    *statefuls.ROWS,
    *lookups.ROWS,
    *arrays.ROWS,
    *markets.ROWS,
    *finance.ROWS,
    *random_numbers.ROWS,
    *devices.ROWS,
)
