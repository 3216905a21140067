"""A clone whose sources changed since the front end was built says so, instead of pages that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from sdcluster.errors import ModelError
from sdcluster.publish import front_end as module
from sdcluster.publish import front_end_sources
from sdcluster.publish.front_end_sources import digest, is_current, sources


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "frontend"
    (folder / "src" / "futures").mkdir(parents=True)
    for name in ("package-lock.json", "build.mjs", "src/page.tsx"):
        (folder / name).write_text("1;\n2;\n")
    return folder


def test_a_bundle_is_current_until_a_source_changes(clone, tmp_path):
    stamp = tmp_path / "sources.txt"
    assert not is_current(clone, stamp)
    stamp.write_text(digest(sources(clone)) + "\n")
    assert is_current(clone, stamp)
    (clone / "src" / "page.tsx").write_bytes(b"1;\r\n2;\r\n")  # line ends do not count
    assert is_current(clone, stamp)
    (clone / "src" / "page.tsx").write_text("3;")
    assert not is_current(clone, stamp)


def test_without_sources_a_bundle_is_current(tmp_path):
    (tmp_path / "frontend").mkdir()
    assert is_current(tmp_path / "frontend", tmp_path / "sources.txt")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "built from other sources"), ("zh", "另一版本")]
)
def test_an_old_bundle_is_refused(front_end, monkeypatch, language, words):
    assert front_end_sources.is_current()
    monkeypatch.setattr(module, "is_current", lambda: False)
    module._check_current.cache_clear()
    with pytest.raises(ModelError, match="make frontend") as caught:
        module.bundle.__wrapped__()
    assert words in caught.value.text(language)
    module._check_current.cache_clear()
