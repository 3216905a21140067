"""The versions that are tested together can be installed with every Python that pyproject.toml allows."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[2]


def test_the_oldest_python_can_install_all_constraints():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = re.fullmatch(r">=(\d+\.\d+)", project["requires-python"])[1] + ".0"
    pinned = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    installed = {d.metadata["Name"].lower(): d for d in metadata.distributions()}
    checked, wrong = 0, []
    for name, version in pinned.items():
        found = installed.get(name.lower())
        if found is None or found.version != version:
            continue
        checked += 1
        needs = found.metadata.get("Requires-Python") or ""
        if not SpecifierSet(needs).contains(oldest):
            wrong.append(f"{name} {version} needs Python {needs}; pin an older version")
    assert checked > 50
    assert wrong == []
