"""Rows of the table of functions: functions of arrays."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import sentences

ROWS = (
    Function("sum", "SUM", "SUM", ("sum",), (1, 1), "first",
        meaning="sum of the elements, over one or more dimensions", sign="rising",
        aggregate=True),
    Function("prod", "PROD", "PROD", ("prod",), (1, 1), "free",
        meaning="product of the elements, over one or more dimensions", aggregate=True),
    Function("vmin", "MIN", "VMIN", ("vmin", "vmin_xmile"), (1, 1), "first", meaning="the smallest element",
        sign="rising", aggregate=True, question="line_summary 1", written="MIN"),
    Function("vmax", "MAX", "VMAX", ("vmax", "vmax_xmile"), (1, 1), "first", meaning="the largest element",
        sign="rising", aggregate=True, question="line_summary 2", written="MAX"),
    Function("mean", "MEAN", "", ("mean",), (1, 1), "first",
        meaning="mean of the elements, over one or more dimensions", sign="rising",
        aggregate=True, question="line_summary 0"),
    Function("vector select", "", "VECTOR SELECT", ("vector_select",), (5, 5), "free",
        stops=sentences.vector_select_actions,
        meaning="sum, product, minimum or maximum of selected elements (selection array, values, result if no "
        "element is selected, numerical action, error action); numerical action 5 is the product of value ^ "
        "selection, as in Vensim"),
    Function("element", "", "", (), (3, 9), "first",
        meaning="the element of an array at an index that may vary, as in XMILE's a[index]; 0 outside the array"),
    Function("vector elm map", "", "VECTOR ELM MAP", ("vector_elm_map",), (2, 2), "first",
        meaning="the element at a distance from a given element; :NA: outside the array (element, distance)"),
    Function("vector sort order", "", "VECTOR SORT ORDER", ("vector_sort_order",), (2, 2), "free", rewrite="row",
        meaning="indices, from 0, that sort the elements in ascending or descending order (array, direction)"),
    Function("vector rank", "", "VECTOR RANK", ("vector_rank",), (2, 2), "free", rewrite="row",
        meaning="rank of each element, from 1, in ascending or descending order (array, direction)"),
    Function("vector reorder", "", "VECTOR REORDER", ("vector_reorder",), (2, 2), "first", rewrite="row",
        meaning="the elements in a given order (array, indices from 0)"),
    Function("shift if true", "", "SHIFT IF TRUE", ("shift_if_true",), (5, 5), "first", rewrite="shift",
        stops=sentences.shift_if_true_elements,
        meaning="moves the elements of a stock by one index while a condition is true, and returns the element "
        "that is moved out (first element, condition, number of elements, whether the last element accumulates, "
        "new first element)"),
    Function("shifted", "", "", (), (5, 5), "first",
        meaning="internal function of shift if true", row_arguments=((0, 0),)),
    Function("invert matrix", "", "INVERT MATRIX", ("invert_matrix",), (1, 2), "free", rewrite="row",
        meaning="the inverse of a square matrix"),
    Function("stddev", "STDDEV", "", ("stddev",), (1, 1), "first",
        meaning="standard deviation of the elements, over one or more dimensions; the variance is divided by their "
        "number",
        aggregate=True, question="line_summary 3"),
    Function("size", "SIZE", "", ("size",), (1, 1), "free", meaning="number of elements, over one or more dimensions",
        aggregate=True, question="line_length"),
    Function("rank", "RANK", "", ("rank",), (2, 3), "free",
        meaning="index, from 1, of the element that has a given rank in ascending order (array, rank, second array "
        "that decides between equal elements)",
        row_arguments=((0, 0), (2, 0))),
    Function("lookupxy", "LOOKUPXY", "", ("lookupxy",), (3, 3), "free",
        meaning="linear interpolation between points whose x and y values are two arrays (x values, y values, x)",
        row_arguments=((0, 0), (1, 0))),
    Function("interpolate", "INTERPOLATE", "", ("interpolate",), (2, 9), "first",
        meaning="linear interpolation between the elements of an array (array, a position from 0 to 1 along each "
        "of its dimensions)",
        row_arguments=((0, 0),)),
    Function("vector lookup", "", "VECTOR LOOKUP", ("vector_lookup",), (5, 5), "free",
        meaning="a row of an array, used as a graphical function with equally spaced points (first element, x, "
        "smallest x, largest x, mode)",
        row_arguments=((0, 0),)),
)  # fmt: skip
