"""A pond of fish: a model small enough to be checked many times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

XMILE = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<header><name>pond</name></header>
<sim_specs method="rk4" time_units="year"><start>0</start><stop>40</stop><dt>0.125</dt></sim_specs>
<model><variables>
<stock name="fish"><eqn>10</eqn><inflow>births</inflow><units>fish</units></stock>
<flow name="births"><eqn>growth_rate * fish * room</eqn><units>fish/year</units></flow>
<aux name="room"><eqn>1 - fish / capacity</eqn><units>1</units></aux>
<aux name="growth rate"><eqn>0.3</eqn><units>1/year</units></aux>
<aux name="capacity"><eqn>100</eqn><units>fish</units></aux>
</variables></model></xmile>
"""

SCENARIOS = """
[scenario.default]
title = { en = "As it is", zh = "现状" }

[scenario.small-pond]
settings = { capacity = 50 }
"""

BEHAVIOUR = """
[[assert]]
kind = "final"
title = { en = "The pond fills", zh = "鱼塘满了" }
source = "Verhulst 1838"
variable = "fish"
about = 100
percent = 1

[[assert]]
kind = "monotone"
title = "Fish only become more"
source = "Verhulst 1838"
scenario = "small pond"
variable = "fish"
direction = "rising"
"""


class Pond:
    """The model's folder and ways to change what is in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pond.xmile", XMILE)
        self.write("scenarios.toml", SCENARIOS)
        self.write("behaviour.toml", BEHAVIOUR)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def set_constant(self, name: str, value: float) -> None:
        text = (self.folder / "pond.xmile").read_text(encoding="utf-8")
        changed = re.sub(rf'(<aux name="{name}"><eqn>)[^<]*', rf"\g<1>{value}", text)
        assert changed != text
        self.write("pond.xmile", changed)


@pytest.fixture
def pond(tmp_path: Path) -> Pond:
    """Return the model in a folder of its own."""
    return Pond(tmp_path / "models" / "pond")
