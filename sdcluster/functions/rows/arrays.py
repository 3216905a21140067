"""Rows of the table of functions: functions of arrays."""

from __future__ import annotations

from sdcluster.functions.function import Function
from sdcluster.functions.rows import sentences

ROWS = (
    Function("sum", "SUM", "SUM", ("sum",), (1, 1), "first", meaning="sum over dimensions", sign="rising",
        aggregate=True),
    Function("prod", "PROD", "PROD", ("prod",), (1, 1), "free", meaning="product over dimensions", aggregate=True),
    Function("vmin", "MIN", "VMIN", ("vmin", "vmin_xmile"), (1, 1), "first", meaning="the smallest element",
        sign="rising", aggregate=True, question="line_summary 1", written="MIN"),
    Function("vmax", "MAX", "VMAX", ("vmax", "vmax_xmile"), (1, 1), "first", meaning="the largest element",
        sign="rising", aggregate=True, question="line_summary 2", written="MAX"),
    Function("mean", "MEAN", "", ("mean",), (1, 1), "first", meaning="mean over dimensions", sign="rising",
        aggregate=True, question="line_summary 0"),
    Function("vector select", "", "VECTOR SELECT", ("vector_select",), (5, 5), "free",
        stops=sentences.vector_select_actions,
        meaning="sum, product, least or greatest of the elements that a condition selects: selection, values, value "
        "where none is selected, numerical action (5: the product of value ^ selection, as Vensim computes it), "
        "error action"),
    Function("element", "", "", (), (3, 9), "first",
        meaning="the element of an array at a place: XMILE's a[index], or 0 outside of the array"),
    Function("vector elm map", "", "VECTOR ELM MAP", ("vector_elm_map",), (2, 2), "first",
        meaning="the element so many places further on; :NA: outside of the array"),
    Function("vector sort order", "", "VECTOR SORT ORDER", ("vector_sort_order",), (2, 2), "free", rewrite="row",
        meaning="places of the elements in ascending or descending order, from 0"),
    Function("vector rank", "", "VECTOR RANK", ("vector_rank",), (2, 2), "free", rewrite="row",
        meaning="rank of each element in ascending or descending order, from 1"),
    Function("vector reorder", "", "VECTOR REORDER", ("vector_reorder",), (2, 2), "first", rewrite="row",
        meaning="the elements in a given order"),
    Function("shift if true", "", "SHIFT IF TRUE", ("shift_if_true",), (5, 5), "first", rewrite="shift",
        stops=sentences.shift_if_true_elements,
        meaning="moves the elements of a stock one place on where a condition holds, and gives what falls off: first "
        "element, condition, number of elements, whether the last one gathers, what enters"),
    Function("shifted", "", "", (), (5, 5), "first", meaning="see shift if true", row_arguments=((0, 0),)),
    Function("invert matrix", "", "INVERT MATRIX", ("invert_matrix",), (1, 2), "free", rewrite="row",
        meaning="the inverse of a square matrix"),
    Function("stddev", "STDDEV", "", ("stddev",), (1, 1), "first",
        meaning="standard deviation over dimensions, of all elements (divided by their number)",
        aggregate=True, question="line_summary 3"),
    Function("size", "SIZE", "", ("size",), (1, 1), "free", meaning="number of elements over dimensions",
        aggregate=True, question="line_length"),
    Function("rank", "RANK", "", ("rank",), (2, 3), "free",
        meaning="place, from 1, of the element with a rank in ascending order: array, rank, array for equal ones",
        row_arguments=((0, 0), (2, 0))),
    Function("lookupxy", "LOOKUPXY", "", ("lookupxy",), (3, 3), "free",
        meaning="between points whose x and y are two arrays: x values, y values, x",
        row_arguments=((0, 0), (1, 0))),
    Function("interpolate", "INTERPOLATE", "", ("interpolate",), (2, 9), "first",
        meaning="between the elements of an array: array, then a number from 0 to 1 for each of its dimensions",
        row_arguments=((0, 0),)),
    Function("vector lookup", "", "VECTOR LOOKUP", ("vector_lookup",), (5, 5), "free",
        meaning="a row of an array as a graphical function: first element, x, least x, greatest x, mode",
        row_arguments=((0, 0),)),
)  # fmt: skip
