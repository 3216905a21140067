"""A small model with scenarios: a tank whose level settles at tap / hole = 8."""

from __future__ import annotations

from pathlib import Path

import pytest

TANK = """<?xml version="1.0" encoding="utf-8"?>
<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"
       xmlns:sdc="https://sdcluster.org/ns/1">
  <header>
    <vendor>test</vendor><product version="1">test</product><name>tank</name>
  </header>
  <sim_specs time_units="year" method="RK4"><start>0</start><stop>10</stop><dt>0.125</dt></sim_specs>
  <model>
    <variables>
      <stock name="water level">
        <doc>Water in the tank.</doc><units>litre</units>
        <sdc:label xml:lang="zh">水位</sdc:label>
        <eqn>initial_level</eqn><inflow>filling</inflow><outflow>draining</outflow>
      </stock>
      <flow name="filling"><doc>Tap.</doc><units>litre/year</units><eqn>tap</eqn></flow>
      <flow name="draining"><doc>Hole.</doc><units>litre/year</units>
        <eqn>hole * water_level</eqn></flow>
      <aux name="tap" sdc:lever="tap"><doc>How far the tap is open.</doc><units>litre/year</units>
        <eqn>4</eqn><range min="0" max="8"/></aux>
      <aux name="hole"><doc>Share lost.</doc><units>1/year</units><eqn>0.5</eqn>
        <range min="0.1" max="1"/></aux>
      <aux name="initial level"><units>litre</units><eqn>1</eqn></aux>
      <aux name="half level"><doc>An indicator.</doc><units>litre</units>
        <eqn>water_level / 2</eqn></aux>
    </variables>
  </model>
</xmile>
"""

SCENARIOS = """
[scenario.default]
title = { en = "As it is", zh = "现状" }
description = { en = "Nothing is changed." }

[scenario.tap_shut]
title = { en = "Tap shut" }
description = { en = "No water comes in." }
settings = { tap = 0 }

[scenario.shut_later]
title = { en = "Shut in year 5" }
description = { en = "The tap is shut in year 5." }
changes = [ { time = 5, settings = { tap = 0 } } ]
stop = 20

[set.both]
scenarios = ["default", "tap_shut"]
"""


@pytest.fixture
def tank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the model."""
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "tank"
    folder.mkdir()
    (folder / "tank.xmile").write_text(TANK, encoding="utf-8")
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    return folder
