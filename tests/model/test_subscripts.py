"""What subscripts mean, asked of ranges alone."""

from __future__ import annotations

import pytest

from sdcluster import ModelError
from sdcluster.model import Dimension, Equation
from sdcluster.model.expression import Number
from sdcluster.model.subscripts import DefinedParts, Subscripts

RANGES = (
    Dimension("region", ("north", "south", "east")),
    Dimension("warm", ("south", "east")),
    Dimension("age", ("young", "old")),
)


@pytest.fixture
def subscripts() -> Subscripts:
    return Subscripts({d.name: d for d in RANGES})


def test_an_element_is_its_own_only_element(subscripts):
    assert subscripts.elements("warm") == ("south", "east")
    assert subscripts.elements("north") == ("north",)


def test_the_whole_is_the_smallest_range_that_holds_all(subscripts):
    assert subscripts.whole([["south", "east"], ["young"]]) == ("warm", "age")
    assert subscripts.whole([["north", "warm"]]) == ("region",)
    with pytest.raises(ModelError, match="no subscript range holds all of north, young"):
        subscripts.whole([["north", "young"]])


def test_a_range_counts_its_elements_in_the_largest_range_that_holds_them(subscripts):
    assert subscripts.places("warm") == (2, 3)
    assert subscripts.places("east") == (3,)


def test_what_lies_outside_of_the_left_side_takes_nothing_away(subscripts):
    assert subscripts.inside(("warm",), [("region",)]) == [("south",), ("east",)]
    assert subscripts.inside(("region",), [("warm",)]) == [("warm",)]
    assert subscripts.inside(("warm",), [("north",)]) == []
    with pytest.raises(ModelError, match="has 2 subscripts, but the left side has 1"):
        subscripts.inside(("warm",), [("north", "old")])


def test_parts_are_row_major(subscripts):
    assert subscripts.parts(("warm", "age")) == [
        ("south", "young"), ("south", "old"), ("east", "young"), ("east", "old"),
    ]  # fmt: skip
    assert subscripts.shape(("north", "warm", "age")) == (2, 2)


def test_an_unknown_subscript_is_named_with_the_nearest_one(subscripts):
    subscripts.check(("region!", "old"))
    with pytest.raises(
        ModelError, match=r'"norht" is neither a subscript range nor an element.*"north"'
    ):
        subscripts.check(("norht",))


def test_an_element_is_lacking_where_an_exception_leaves_it_out(subscripts):
    value = Number(1.0)
    equations = (
        Equation(value, None, ("region",), (("warm",),)),
        Equation(value, None, ("south",)),
    )
    defined = DefinedParts(subscripts, {"x": equations, "scalar": (Equation(value),)})
    assert [defined.lacks("x", (e,)) for e in ("north", "south", "east")] == [False, False, True]
    assert not defined.lacks("x", ("warm",))
    assert not defined.lacks("scalar", ("north",))
