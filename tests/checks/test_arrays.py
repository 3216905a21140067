"""Models with arrays are checked element by element."""

from __future__ import annotations

from pathlib import Path

from sdcluster import checks as regress

MODEL = """<xmile xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><header><name>m</name></header>
<sim_specs time_units="year" method="rk4"><start>1980</start><stop>2000</stop><dt>0.25</dt></sim_specs>
<dimensions><dim name="region"><elem name="north"/><elem name="south"/></dim></dimensions>
<model><variables>
<stock name="people"><dimensions><dim name="region"/></dimensions><eqn>8</eqn><outflow>leaving</outflow></stock>
<flow name="leaving"><dimensions><dim name="region"/></dimensions><eqn>people / stay</eqn></flow>
<aux name="stay"><dimensions><dim name="region"/></dimensions>
<element subscript="north"><eqn>4</eqn></element><element subscript="south"><eqn>8</eqn></element></aux>
</variables></model></xmile>"""
BEHAVIOUR = """
[[assert]]
kind = "value"
title = { en = "South is nearly empty in 1996", zh = "南方" }
source = "arithmetic"
scenario = "default"
variable = "people[south]"
at = 1996
about = 1.083
within = 0.01
"""
SCENARIOS = """
[scenario.default]
title = { en = "default", zh = "默认" }

[scenario.longer]
title = { en = "longer", zh = "更久" }
settings = { "stay[south]" = 20 }
"""


def test_elements_have_baselines_and_behaviour(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "m.xmile").write_text(MODEL)
    (folder / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    (folder / "behaviour.toml").write_text(BEHAVIOUR, encoding="utf-8")
    regress.accept(folder, None, "first baseline")
    assert "people[north],people[south]" in (folder / "baselines" / "default.csv").read_text()
    assert regress.check(folder).ok
    (folder / "m.xmile").write_text(MODEL.replace("<eqn>4</eqn>", "<eqn>4.2</eqn>"))
    report = regress.check(folder)
    assert not report.ok
    said = " ".join(row.sentence for row in report.rows if row.kind == "baseline")
    assert "people[north]" in said
    assert "people[south]" not in said
