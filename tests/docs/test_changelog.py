"""The changelog follows Keep a Changelog, and a release takes its notes from there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
MOST_WORDS = 40  # a change has one line; what needs more belongs on a page that the line links to


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_versions_are_dated_newest_first_and_end_with_the_packages_own(release):
    first, *names = release.sections(CHANGELOG)
    assert first == "Unreleased"
    assert names[0] == release.version()
    dates = [release.sections(CHANGELOG)[name][0] for name in names]
    assert all(dates)
    assert dates == sorted(dates, reverse=True)


def test_changes_are_single_lines_under_the_known_headings(release):
    assert set(re.findall("^### (.*)$", CHANGELOG, re.MULTILINE)) <= set(release.HEADINGS)
    lines = [line for line in CHANGELOG.splitlines() if line.startswith("- ")]
    assert [line for line in lines if len(line.split()) > MOST_WORDS] == []
    assert re.findall(r"^[ \t]+\S.*$", CHANGELOG, re.MULTILINE) == []  # no second lines


def test_the_notes_of_a_release_are_its_section(release, monkeypatch, tmp_path):
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setattr(release, "version", lambda: "2.0.0")
    changelog = tmp_path / "CHANGELOG.md"
    released = (
        "## [2.0.0] - 2030-01-02\n\n### Fixed\n\n- This.\n\n## [1.0.0] - 2029-01-02\n\n- That.\n"
    )
    changelog.write_text(f"# Changelog\n\n## [Unreleased]\n\n{released}")
    assert release.notes() == "sdcluster 2.0.0, 2030-01-02\n\n### Fixed\n\n- This.\n"
    changelog.write_text(f"# Changelog\n\n## [Unreleased]\n\n- More.\n\n{released}")
    with pytest.raises(SystemExit, match="move them to"):
        release.notes()
    monkeypatch.setattr(release, "version", lambda: "3.0.0")
    with pytest.raises(SystemExit, match="no section"):
        release.notes()
