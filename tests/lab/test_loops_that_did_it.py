"""The loops that a lesson shows are those that did it: without them the model behaves otherwise.

A loop is cut where one variable of it stands in the equation of the next: a fixed number takes its place.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import sdcluster
from sdcluster.project import library as tables
from sdcluster.run.elements import spread

NEW = "new paradigm knowledge"
MODELS = Path(__file__).parents[2] / "models"

BOTH = (("hardening", "hardening_rate", 0), ("barrier", "captured", 0))
# lesson, scenario, links (target, source as written there, number in its place), variable, at most or least, year
CUTS = [
    ("cluster", "closed", (), "knowledge stock", "<", 1.05, 70),
    ("cluster", "closed", (("self reinforcement", "lock_in", 0.05),), "knowledge stock", ">", 1.7, 70),
    ("cluster", "closed", (("relief by renewal", "innovation", 0.6),), "knowledge stock", ">", 1.4, 70),
    ("cluster", "closed", (("innovation", "technology_room", 0),), "knowledge stock", "<", 0.5, 70),
    ("cluster", "closed", (("loss rate", "lock_in", 0.05),), "knowledge stock", ">", 1.7, 70),
    ("upgrading_cycle", "path_one", (), "knowledge stock", "<", 2, 100),
    ("upgrading_cycle", "path_one", (("innovation", "technology_room", 1),), "knowledge stock", ">", 15, 100),
    ("upgrading_cycle", "default", (("diffusion", "gap", 0),), "knowledge stock", "<", 3, 100),
    ("upgrading_cycle", "late_answer", (), "knowledge stock", ">", 8, 100),
    ("upgrading_cycle", "late_answer", (("breeding effort", "parity", 0),), "knowledge stock", "<", 2, 100),
    ("upgrading_cycle", "late_answer", (("innovation", "technology_room", 0.02),), "knowledge stock", "<", 2, 100),
    ("upgrading_cycle", "bred_while_sliding", (), "knowledge stock", ">", 3.5, 100),
    ("value_chain", "captured", (), "contract work share", ">", 0.95, 60),
    ("value_chain", "captured", (("barrier", "captured", 0),), "contract work share", ">", 0.93, 60),
    ("value_chain", "captured", (("hardening", "hardening_rate", 0),), "own brand share", ">", 0.85, 60),
    ("value_chain", "captured", (("hardening", "hardening_rate", 0),), "own brand share", "<", 0.2, 30),
    ("value_chain", "captured", BOTH, "own brand share", ">", 0.35, 30),
    (
        "value_chain",
        "captured",
        (("barrier", "captured", 0), ("barrier", r"lock_in\[functional\]", 0.02)),
        "contract work share",
        "<",
        0.65,
        60,
    ),
    ("wenzhou_firms", "default", (("selection", "pull_of_selection", 0),), "capability of firms", "<", 1.15, 2008),
    ("wenzhou_firms", "default", (("learning", "headroom", 1.35),), "capability of firms", ">", 1.6, 2008),
    ("collective_learning", "weak_rules_with_trust", (), "trust", ">", 0.45, 80),
    # the rival explanation, that trust lasts because those who trust follow more, is cut: the two clusters stay apart
    ("collective_learning", "weak_rules_with_trust", (("follow benefit", "trust", 0.5),), "trust", ">", 0.45, 80),
    ("collective_learning", "weak_rules_without_trust", (("follow benefit", "trust", 0.5),), "trust", "<", 0.1, 80),
    (
        "collective_learning",
        "weak_rules_with_trust",
        (("opportunism", "social_capital", 0.1),),
        "trust",
        "<",
        0.05,
        80,
    ),
    (
        "collective_learning",
        "weak_rules_without_trust",
        (("familiarity", "trust", 0.3),),
        "trust",
        ">",
        0.3,
        80,
    ),
    ("innovation_alliance", "default", (("joining", "member_share", 0.125),), "members", "<", 60, 40),
    ("innovation_alliance", "default", (("pooled effort", "members", 5),), "members", "<", 80, 40),
    ("paradigm_learning", "old_mechanisms_only", (("forgetting", "forgetting_rate", 0),), NEW, ">", 0.7, 2200),
    # causes of the lesson's sentences: complex knowledge, the paradigm before; and a rival: too little effort
    ("paradigm_learning", "old_mechanisms_only", (("fit kept", r"0\.05", 1),), NEW, ">", 0.7, 2200),
    ("paradigm_learning", "old_mechanisms_only", (("learning effort", "1", 1.3),), NEW, "<", 0.4, 2200),
    (
        "paradigm_learning",
        "forging_never_comes",
        (("dependence on the paradigm before", r"0\.95", 0),),
        NEW,
        ">",
        0.6,
        2060,
    ),
    ("paradigm_learning", "default", (("opportunity left", r"opportunity_used\[paradigm\]", 0),), NEW, "<", 0.05, 2060),
    ("paradigm_learning", "default", (("learning", r"layering\[paradigm\]", 0.1),), NEW, "<", 0.35, 2060),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "scenario", "links", "variable", "relation", "bound", "year"),
    CUTS,
    ids=[f"{c[0]}-{c[1]}-{'+'.join(link[0] for link in c[2]) or 'whole'}" for c in CUTS],
)
def test_without_its_loop_the_model_behaves_otherwise(
    tmp_path, name, scenario, links, variable, relation, bound, year
):
    folder = Path(shutil.copytree(MODELS / name, tmp_path / name))
    path = folder / f"{name}.xmile"
    path.write_text(cut(path.read_text(encoding="utf-8"), links), encoding="utf-8")
    run = spread(sdcluster.simulate(folder, scenario))
    value = float(np.interp(year, run["time"], run[variable]))
    assert value > bound if relation == ">" else value < bound, value


def cut(text: str, links: tuple[tuple[str, str, float], ...]) -> str:
    for target, source, number in links:
        start = re.search(rf'<(?:aux|flow) name="{target}">', text).end()
        first, last = text.index("<eqn>", start), text.index("</eqn>", start)
        equation, count = re.subn(rf"(?<![a-z_]){source}(?![a-z_])", str(number), text[first:last])
        assert count, (target, source)
        text = text[:first] + equation + text[last:]
    return text


@pytest.mark.parametrize("name", [n for n in tables.lesson_names() if tables.lesson(n)["number"]])
def test_a_link_of_each_loop_is_cut_here(name):
    cuts = {link[0] for c in CUTS if c[0] == name for link in c[2]}
    for loop in tables.lesson(name)["loop"]:
        assert cuts & {n.partition("[")[0] for n in loop["names"]}, loop["name"]
