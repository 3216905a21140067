"""Behaviour files: the sentence for each mistake."""
# ruff: noqa: E501 (rows of tables)

from __future__ import annotations

import pytest

import sdcluster
from sdcluster.checks import load_behaviour
from sdcluster.errors import ModelError
from sdcluster.project import scenarios_beside

HEAD = '[[assert]]\ntitle = "a"\nsource = "b"\n'
MISTAKES = [
    (HEAD, 'lacks "kind"'),
    (HEAD + 'kind = "peeks"', 'unknown kind "peeks"; did you mean "peaks"'),
    (HEAD + 'kind = "final"\nvariable = "fish"', "no value is expected"),
    (HEAD + 'kind = "final"\nvariable = "fsh"\nmin = 1', 'not a variable of the model "pond"'),
    (HEAD + 'kind = "final"\nvariable = "fish"\nabout = 1', 'needs either "within"'),
    (HEAD + 'kind = "final"\nvariable = "fish"\nwithin = 1\nmin = 1', 'need "about"'),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmni = 1', 'did you mean "min"'),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmin = "1"', "must be a number"),
    (HEAD + 'kind = "final"\nmin = 1', 'lacks "variable"'),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\nat = 3', "unknown key 'at'"),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\nscenario = "smal pond"', "no scenario"),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\nsettings = { capcity = 1 }', "capacity"),
    (HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\nstart = 3\nstop = 2', "must be after"),
    ('[[assert]]\nkind = "final"\nvariable = "fish"\nmin = 1\nsource = "s"', 'lacks "title"'),
    ('[[assert]]\nkind = "final"\nvariable = "fish"\nmin = 1\ntitle = "s"', 'lacks "source"'),
    (HEAD + 'kind = "growth"\nvariable = "fish"\nfrom = 5\nto = 5\nmin = 1', "must be after"),
    (HEAD + 'kind = "order"\nvariables = ["fish"]\nlevel = 1', "at least two names"),
    (HEAD + 'kind = "order"\nvariables = ["fish", "room"]\nlevel = 1\nnear = [1]', "1 time, but"),
    (HEAD + 'kind = "monotone"\nvariable = "fish"\ndirection = "up"', '"rising" or "falling"'),
    (HEAD + 'kind = "bounded"\nvariables = ["fish"]', 'add "min" or "max"'),
    (HEAD + 'kind = "sweep peak"\nvariable = "fish"\nover = "room"\nvalues = [1, 2, 3]', "constant"),
    (HEAD + 'kind = "sweep peak"\nvariable = "fish"\nover = "capacity"\nvalues = [2, 1, 3]', "ascending order"),
    (HEAD + 'kind = "two end states"\nvariable = "fish"\nstarts = [{ fish = 1 }]', "at least two tables"),
    (HEAD + 'kind = "ratio"\nvariable = "fish"\nat = [1]\nmin = 1', '"against"'),
    (HEAD + 'kind = "ratio"\nvariable = "fish"\nat = [1, 2]\nagainst = "small pond"\nabout = [1]\nwithin = 1', "1 number, but 2"),
    (HEAD + 'kind = "across"\nvariable = "fish"\nscenarios = ["default"]\nmin = 1', "at least two names"),
    (HEAD + 'kind = "peaks"\nvariable = "fish"\nnear = [1]\nonly = 1', "true or false"),
    (2 * (HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\n'), "has the same title as assert 1"),
    ("[[asert]]", 'did you mean "assert"'),
    ("assert = 3", "must be a list"),
    ("[[assert]", "not valid TOML"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), MISTAKES)
def test_each_mistake_has_its_sentence(pond, text: str, words: str) -> None:
    path = pond.write("behaviour.toml", text)
    model = sdcluster.load(pond.folder)
    with pytest.raises(ModelError) as caught:
        load_behaviour(path, model, scenarios_beside(model))
    said = str(caught.value)
    assert words in said
    assert said.startswith(f"{path}:")
    assert "\n" not in said


def test_the_line_of_the_mistake_is_named(pond) -> None:
    good = HEAD + 'kind = "final"\nvariable = "fish"\nmin = 1\n'
    bad = good.replace('title = "a"', 'title = "c"').replace("min = 1", 'min = "1"')
    path = pond.write("behaviour.toml", good + "\n" + bad)
    with pytest.raises(ModelError, match=f"{path.name}:13: "):
        load_behaviour(path)


def test_kinds_may_be_written_with_underscores(pond) -> None:
    text = HEAD + 'kind = "sweep_peak"\nvariable = "fish"\nover = "capacity"\nvalues = [1, 2, 3]'
    (assertion,) = load_behaviour(pond.write("behaviour.toml", text))
    assert assertion.kind == "sweep peak"
    assert assertion.name == "a"
