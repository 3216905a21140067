"""What the room `read` refuses, by the key of its sentence: a table for what no other test reaches."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.read.tables import points
from sdcluster.read.vensim import text
from tests.triggered import made
from tests.vensim import write
from tests.workshop import Workshop, aux, xmile

MACRO = ":MACRO: M(a{outputs})\nM = a ~~|\n:END OF MACRO:\n"
LAYERED = '<dimensions><dim name="d" size="3"/><dim name="e" size="3"/></dimensions>'
LINE = '<dimensions><dim name="d"/></dimensions>'


def refused(path: Path) -> set[str]:
    """Return the keys of the sentences with which a model is refused."""
    with made() as found, pytest.raises(ModelError) as caught:
        sdcluster.simulate(path, method="euler", backend="python")
    assert found, caught.value
    return found


@pytest.mark.parametrize(
    ("key", "equations"),
    [
        ("equations_different_numbers_subscripts", ["r: a, b", "x[r] = 1", "x[r, r] = 2"]),
        ("gives_no_points_write", ["t(1, 2, 3)", "x = t(Time)"]),
        ("header_macro_not_complete", [":MACRO: M(a\nx = 1"]),
        ("macro_does_not_define", [MACRO.format(outputs=": b"), "x = M(1 : y)", "z = y"]),
        ("message_takes_arguments_text", ["x = MESSAGE(1, 2, 3)"]),
    ],
)
def test_vensim(tmp_path: Path, key: str, equations: list[str]) -> None:
    assert f"read.vensim.{key}" in refused(write(tmp_path, *equations))


@pytest.mark.parametrize(
    ("key", "variables", "extra"),
    [
        (
            "conveyor_keeps_order_when",
            '<stock name="s"><eqn>0</eqn><conveyor fifo="true"><len>2</len></conveyor></stock>',
            "",
        ),
        ("dim_needs_name_elements", aux("x", "1"), LINE),
        ("element_each_part_no", '<aux name="x"><element subscript="1"><eqn>1</eqn></element></aux>', ""),
        ("only_array_can_transposed", aux("x", "(1 + 2)'"), ""),
        (
            "used_range_ask_one",
            '<stock name="s"><eqn>0</eqn><conveyor><len>2</len></conveyor></stock>' + aux("x", "SUM(s[1:2])"),
            "",
        ),
    ],
)  # fmt: skip
def test_xmile(workshop: Workshop, key: str, variables: str, extra: str) -> None:
    assert f"read.xmile.{key}" in refused(workshop.raw(xmile(variables, extra=extra)))


def test_an_equation_that_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_EQUATION", 9)
    assert refused(write(tmp_path, "x = 1 + 2 + 3")) == {"read.vensim.equation_characters"}


def test_a_text_that_is_not_xml(workshop: Workshop) -> None:
    assert "read.xmile.not_xml_2" in refused(workshop.raw("\0"))


def test_a_folder_of_several_models(tmp_path: Path) -> None:
    for name in ("a.xmile", "b.xmile"):
        (tmp_path / name).write_text("")
    assert refused(tmp_path) == {"read.folder_holds_model_files"}


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a.xmile").symlink_to(tmp_path / "gone.xmile")
    assert refused(tmp_path / "a.xmile") == {"read.link_leads_no_file"}


def test_a_table_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MAX_TABLE_BYTES", 3)
    (tmp_path / "t.csv").write_text("0,1\n1,2\n")
    with made() as found, pytest.raises(ModelError):
        points.read_points(points.PointsFile(tmp_path / "t.csv"), "x", ())
    assert found == {"read.tables.table_larger_bytes"}
