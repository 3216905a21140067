"""pytest plugin: collects tests from ``behaviour.toml`` files, and from Vensim files with reality checks.

Pytest calls `pytest_collect_file` with each file. The plugin returns a test for each scenario's baseline, each
assertion, and each reality check. pytest loads this module in every run of every project, so it imports the rest of
sdcluster only when it finds such a file; ``-p no:sdcluster`` disables it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sdcluster.files import is_model_file

if TYPE_CHECKING:
    from sdcluster.checks.checking import Checker
    from sdcluster.checks.report import Row
    from sdcluster.checks.vocabulary import Assertion
    from sdcluster.model import RealityCheck
    from sdcluster.project.scenario import Scenario

_MARK = b":THE CONDITION:"
_MOST_BYTES = 32 * 1024 * 1024


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return a collector for a ``behaviour.toml`` beside a model file, or for a Vensim file with reality checks.

    A Vensim file beside a ``behaviour.toml`` has no collector of its own, because the one of ``behaviour.toml`` tests
    its reality checks.
    """
    if file_path.suffix.lower() == ".mdl":
        alone = not (file_path.parent / "behaviour.toml").exists()
        found: pytest.Collector | None = None
        if alone and _MARK in file_path.read_bytes()[:_MOST_BYTES].upper():
            found = RealityFile.from_parent(parent, path=file_path)
        return found
    if file_path.name != "behaviour.toml":
        return None
    if not any(map(is_model_file, file_path.parent.iterdir())):
        return None
    collector: pytest.Collector = BehaviourFile.from_parent(parent, path=file_path)
    return collector


class Failure(Exception):
    """Raised if a check fails; pytest shows only its text, without a traceback."""


class BehaviourFile(pytest.File):
    """Collects the tests of a model with ``behaviour.toml``: assertions, baselines and reality checks."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each baseline, each assertion and each reality check.

        If a file cannot be read, pytest reports an error in one sentence.
        """
        from sdcluster.checks.checking import Checker
        from sdcluster.errors import ModelError

        try:
            checker = Checker(self.path.parent)
        except ModelError as error:
            raise self.CollectError(str(error)) from None
        for scenario in checker.scenarios:
            name = f"baseline[{scenario.name}]"
            yield BaselineItem.from_parent(self, name=name, checker=checker, what=scenario)
        for orphan in checker.orphans():
            yield RowItem.from_parent(self, name=f"baseline[{orphan.name}]", row=orphan)
        for assertion in checker.assertions:
            name = f"{assertion.kind}[{assertion.name}]"
            yield AssertionItem.from_parent(self, name=name, checker=checker, what=assertion)
        yield from _reality_items(self, checker)


class RealityFile(pytest.File):
    """Collects the tests of a Vensim file without ``behaviour.toml``: only the reality checks."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each reality check.

        If the file cannot be read, pytest reports an error in one sentence.
        """
        from sdcluster.checks.checking import Checker
        from sdcluster.errors import ModelError

        try:
            yield from _reality_items(self, Checker(self.path))
        except ModelError as error:
            raise self.CollectError(str(error)) from None


def _reality_items(parent: pytest.File, checker: Checker) -> Iterator[pytest.Item]:
    for check in checker.model.reality_checks:
        name = f"reality check[{check.name}]"
        yield RealityItem.from_parent(parent, name=name, checker=checker, what=check)


class RowItem(pytest.Item):
    """A test whose outcome is a row of the report."""

    def __init__(self, *, row: Row | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.row = row

    def judge(self) -> Row:
        """Return the row of the report."""
        assert self.row is not None
        return self.row

    def runtest(self) -> None:
        """Fail with the row's sentence if the check did not pass."""
        row = self.judge()
        if row.ok:
            return
        raise Failure(_sentences(row, self.path.parent))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the message without a traceback."""
        if isinstance(excinfo.value, Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file of the test, no line number, and the title of the test."""
        return self.path, None, f"{self.path.parent.name}: {self.name}"


def _sentences(row: Row, folder: Path) -> str:
    """Return the message of a failed test in the current language."""
    from sdcluster.messages import clauses, joined, message, shown, spoken

    language = spoken()
    kind, verdict = row.kind_in(language), row.verdict_in(language)
    lines = [f"{row.model}, {kind} “{row.title(language)}”: {verdict}", row.sentence]
    if row.source:
        lines.append(message("checks.test_source", source=row.source))
    if row.changes:
        lines.append(message("checks.test_changed", changes=clauses(row.changes)))
    if row.because:
        lines.append(message("checks.test_baseline", because=row.because))
    if row.kind == "baseline" and row.verdict == "failed":
        lines.append(message("checks.test_remedy", folder=folder))
    return shown(joined("\n", lines))


class BaselineItem(RowItem):
    """Tests whether the trajectories of a scenario match the scenario's baseline."""

    def __init__(self, *, checker: Checker, what: Scenario, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checker, self.scenario = checker, what

    def judge(self) -> Row:
        """Return the result of the comparison with the baseline."""
        return self.checker.baseline(self.scenario)


class RealityItem(RowItem):
    """Tests whether a reality check holds."""

    def __init__(self, *, checker: Checker, what: RealityCheck, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checker, self.what = checker, what

    def judge(self) -> Row:
        """Return the verdict on the reality check."""
        return self.checker.reality(self.what)


class AssertionItem(RowItem):
    """Tests whether an assertion holds."""

    def __init__(self, *, checker: Checker, what: Assertion, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.checker, self.what = checker, what

    def judge(self) -> Row:
        """Return the verdict on the assertion."""
        return self.checker.assertion(self.what)
