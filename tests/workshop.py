"""A small workshop: XMILE files written from a few words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"


def xmile(
    body: str, *, start: float = 0, stop: float = 10, dt: float = 0.125, extra: str = ""
) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<xmile version="1.0" xmlns="{NAMESPACE}">\n'
        "<header><name>test</name></header>\n"
        f'<sim_specs time_units="year" method="rk4"><start>{start}</start><stop>{stop}</stop>'
        f"<dt>{dt}</dt></sim_specs>\n"
        f"{extra}<model><variables>\n{body}\n</variables></model></xmile>\n"
    )


def aux(name: str, equation: str, inside: str = "") -> str:
    return f'<aux name="{name}"><eqn>{escape(equation)}</eqn>{inside}</aux>'


def flow(name: str, equation: str, inside: str = "") -> str:
    return f'<flow name="{name}"><eqn>{escape(equation)}</eqn>{inside}</flow>'


def stock(name: str, initial: str, inflow: str = "", outflow: str = "", inside: str = "") -> str:
    flows = f"<inflow>{inflow}</inflow>" if inflow else ""
    flows += f"<outflow>{outflow}</outflow>" if outflow else ""
    return f'<stock name="{name}"><eqn>{escape(initial)}</eqn>{flows}{inside}</stock>'


class Workshop:
    """Writes a model file and gives its path."""

    aux = staticmethod(aux)
    flow = staticmethod(flow)
    stock = staticmethod(stock)
    xmile = staticmethod(xmile)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def write(self, *parts: str, **options: object) -> Path:
        return self.raw(xmile("\n".join(parts), **options))  # type: ignore[arg-type]

    def raw(self, text: str | bytes, suffix: str = ".xmile") -> Path:
        self.count += 1
        path = self.folder / f"model_{self.count}{suffix}"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def variables(self, **equations: str) -> Path:
        """Write a model of auxiliaries alone."""
        return self.write(*(aux(name, text) for name, text in equations.items()))


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def evaluate(workshop: Workshop) -> Callable[..., float]:
    """Evaluate one XMILE expression at the start of a run."""
    import sdcluster

    def value(expression: str, time: float = 0.0, **others: str) -> float:
        path = workshop.write(
            aux("result", expression),
            *(aux(n, t) for n, t in others.items()),
            start=time,
            stop=time + 1,
        )
        return float(sdcluster.simulate(path, method="euler", backend="python")["result"][0])

    return value
