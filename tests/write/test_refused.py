"""What cannot be written, by the key of the sentence and the line that it names, where no other test reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.write.equations import EquationNotation
from sdcluster.write.xmile import xmile_text
from tests.triggered import made
from tests.vensim import write
from tests.workshop import Workshop, aux, flow, stock


@pytest.mark.parametrize(
    ("key", "equations"),
    [
        ("pysd_reads_no_delay", ["r: a, b", "y[r] = Time", "x = VMAX(SAMPLE IF TRUE(1 = 1, y[r!], 0))"]),
        ("pysd_reads_no_delay_whose", ["r: a, b", "y[r] = 1, 20", "x[r] = DELAY N(Time, y[r], 0, 9)"]),
        ("pysd_reads_no_delay_whose_elements", ["r: a, b", "y[r] = 1, 2", "x[r] = DELAY N(Time, 8, 0, y[r])"]),
    ],
)  # fmt: skip
def test_a_vensim_model_for_pysd(tmp_path: Path, key: str, equations: list[str]) -> None:
    model = sdcluster.load(write(tmp_path, *equations))
    with made() as found, pytest.raises(ModelError) as caught:
        xmile_text(model, "pysd")
    assert f"write.{key}" in found
    assert (caught.value.line, caught.value.variable) == (8, "x")


@pytest.mark.parametrize(
    ("key", "reader", "variables"),
    [
        ("cannot_write_expected_one", "powersim", aux("x", "1")),
        ("pysd_reads_root_only", "pysd", aux("x", "ROOTN(4, y)") + aux("y", "2")),
        (
            "pysd_xmile_reader_knows",
            "pysd",
            stock("s", "0", "f", "o", "<conveyor><len>2</len></conveyor>")
            + flow("f", "1")
            + flow("o", "1"),
        ),
    ],
)
def test_an_xmile_model(workshop: Workshop, key: str, reader: str, variables: str) -> None:
    model = sdcluster.load(workshop.write(variables))
    with made() as found, pytest.raises(ModelError):
        xmile_text(model, reader)
    assert f"write.{key}" in found


def test_an_equation_that_is_too_deep(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(*_: object) -> None:
        raise RecursionError

    model = sdcluster.load(workshop.variables(x="1 + 2"))
    monkeypatch.setattr(EquationNotation, "text", too_deep)
    with made() as found, pytest.raises(ModelError):
        xmile_text(model)
    assert "write.equation_nested_too_deeply" in found
