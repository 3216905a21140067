"""Baselines: accepted trajectories in files, and their comparison with new runs.

`write_baseline` and `read_baseline` write and read the files ``baselines/<scenario>.csv``. `compare` compares a run
with a baseline and returns a `Comparison`.

Each variable is compared with `numpy.isclose`. ``num_regression`` of pytest-regressions and
`numpy.testing.assert_allclose` do the same, but are not used here. ``num_regression`` works only inside a pytest
fixture and writes its own files. `assert_allclose` takes a single tolerance and raises an error with a text, whereas
the report needs the deviation, its time and the curves of each variable. `xarray.testing` also takes a single
tolerance, and importing PySD's ``assert_frames_close`` takes over a second. `numpy.loadtxt` reads the baseline files.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.checks.tolerance import FOLDER, Tolerances
from sdcluster.errors import ModelError
from sdcluster.files import write_atomically
from sdcluster.messages import Message, clauses, message, quoted
from sdcluster.model.names import loose
from sdcluster.project.toml_file import listed
from sdcluster.read.vensim.data import spelling
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import xarray as xr

LARGEST_FILE = 200_000_000


@dataclass(frozen=True, eq=False)
class Moved:
    """A variable that differs from its baseline by more than the tolerance.

    Parameters
    ----------
    name, units : str
        Name and unit of the variable.
    time : float
        Time of the largest deviation.
    time_units : str
        The unit of `time`.
    old, new : float
        Values of the baseline and of the new run at that time.
    share : float
        The deviation as a share of the baseline's range; if the baseline is constant, as a share of its value.
    times : float
        The deviation divided by the tolerance.
    """

    name: str
    units: str
    time: float
    time_units: str
    old: float
    new: float
    share: float
    times: float

    def words(self) -> str:
        """Return the deviation in words: the variable, its old and new value, and the time."""
        old, new = apart(self.old, self.new)
        units = f" ({self.units})" if self.units.lower() not in ("", "1", "dmnl") else ""
        when = " ".join(filter(None, (self.time_units, plain(self.time, 4))))
        return message("checks.moved", name=self.name, old=old, new=new, units=units, when=when)


def apart(old: float, new: float) -> tuple[str, str]:
    """Return two numbers as texts, with just enough digits to distinguish the two."""
    for digits in range(4, 12):
        if f"{old:.{digits - 1}g}" != f"{new:.{digits - 1}g}":
            break
    return plain(old, digits), plain(new, digits)


@dataclass(frozen=True, eq=False)
class Comparison:
    """How a run differs from its baseline.

    Parameters
    ----------
    compared : int
        Number of variables compared.
    moved : tuple of Moved
        Variables with a deviation larger than the tolerance, the largest deviation first.
    missing : tuple of str
        Variables of the baseline that the run lacks.
    added : tuple of str
        Variables that baselines should contain but this baseline lacks. They do not fail the check.
    renamed : tuple of (str, str)
        Pairs of a variable in `missing` and a variable in `added` with the same trajectory; the variable was probably
        renamed.
    short : str
        A message if the run does not cover the baseline's times; otherwise empty.
    """

    compared: int
    moved: tuple[Moved, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    short: str = ""

    @property
    def passed(self) -> bool:
        """Whether the run has all times and variables of the baseline, and every value is within tolerance."""
        return not (self.moved or self.missing or self.short)

    @property
    def severity(self) -> float:
        """The largest deviation of a variable, as a share of the range of its baseline.

        The severity is at least 1 if a variable is missing, or if the run does not cover the times of the baseline.
        """
        worst = self.moved[0].share if self.moved else 0.0
        return max(worst, 1.0) if self.missing or self.short else worst

    def sentence(self, *, stored: bool = False) -> str:
        """Return the result in one sentence; `stored` means that the baseline is a run of another program."""
        parts: list[str] = []
        if self.passed:
            parts.append(self._on_baseline(stored))
        if self.moved:
            worst = listed([move.words() for move in self.moved[:3]])
            parts.append(
                message(
                    "checks.variables_moved",
                    moved=len(self.moved),
                    compared=self.compared,
                    worst=worst,
                )
            )
        if self.short:
            parts.append(self.short)
        renamed = {old for old, _ in self.renamed}
        parts += [message("checks.renamed", old=old, new=new) for old, new in self.renamed]
        gone = [name for name in self.missing if name not in renamed]
        if gone:
            parts.append(_gone(gone, stored))
        fresh = {new for _, new in self.renamed}
        added = [name for name in self.added if name not in fresh]
        if len(added) == 1:
            parts.append(message("checks.variable_new", names=_quoted(added)))
        elif added:
            parts.append(message("checks.variables_new", names=_quoted(added)))
        return clauses(parts)

    def _on_baseline(self, stored: bool) -> str:
        if self.compared == 1:
            return (
                message("checks.variable_as_stored")
                if stored
                else message("checks.variable_on_baseline")
            )
        if stored:
            return message("checks.variables_as_stored", count=self.compared)
        return message("checks.variables_on_baseline", count=self.compared)


def _quoted(names: Iterable[str]) -> str:
    return listed([quoted(name) for name in names])


def _gone(names: Sequence[str], stored: bool) -> str:
    said = _quoted(names)
    if len(names) == 1:
        return (
            message("checks.variable_not_in_model", names=said)
            if stored
            else message("checks.variable_gone", names=said)
        )
    if stored:
        return message("checks.variables_not_in_model", names=said)
    return message("checks.variables_gone", names=said)


def baseline_path(folder: Path, scenario: str) -> Path:
    """Return the path of the file with the baseline of a scenario.

    Raises
    ------
    ModelError
        If the name of the scenario cannot be the name of a file.
    """
    stem = loose(scenario).replace(" ", "_")
    if not stem or any(mark in stem for mark in '/\\:*?"<>|\0') or stem.startswith("."):
        raise ModelError(message("checks.scenario_name_cannot_name", scenario=scenario))
    return Path(folder) / FOLDER / f"{stem}.csv"


def thin(dataset: xr.Dataset, every: float, names: Sequence[str]) -> xr.Dataset:
    """Return the variables `names` at fewer times: once every `every` units of time from the first sample on.

    At each of these times, the result has the nearest sample, without interpolation. The last sample is always kept.
    """
    time = np.asarray(dataset["time"].values, dtype=float)
    wanted = np.arange(time[0], time[-1] + every / 2, every)
    after = np.clip(np.searchsorted(time, wanted), 1, max(len(time) - 1, 1))
    before_is_nearer = wanted - time[after - 1] <= time[after % len(time)] - wanted
    nearest = np.where(before_is_nearer, after - 1, after % len(time))
    index = np.unique([*nearest, len(time) - 1])
    return dataset[list(names)].isel(time=index)


def write_baseline(path: Path, dataset: xr.Dataset) -> None:
    """Write a baseline as a CSV file with a column ``time`` and a column for each variable.

    The file is replaced atomically, so an interruption leaves either the old or the new file.
    """
    write_atomically(path, csv_text(dataset))


def csv_text(dataset: xr.Dataset) -> str:
    """Return a dataset as CSV with eight significant digits, which keeps the files small."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time", *(str(name) for name in dataset.data_vars)])
    columns = [dataset["time"].values, *(dataset[name].values for name in dataset.data_vars)]
    for row in zip(*columns, strict=True):
        writer.writerow([f"{number:.8g}" for number in row])
    return out.getvalue()


def read_baseline(path: Path) -> xr.Dataset:
    """Read a baseline file as a dataset over ``time``.

    Raises
    ------
    ModelError
        If the file is not a table of numbers whose first column is ``time`` with rising values.
    """
    import xarray as xr

    remedy = message("checks.baseline_remedy")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ModelError(
                message("checks.baseline_larger_bytes", largest_file=LARGEST_FILE), file=path
            )
        with path.open(encoding="utf-8", newline="") as lines:
            names = next(csv.reader(lines), [])
            rows = lines.readlines()
        if not rows:
            raise ValueError(message("checks.baseline_no_rows"))
        table = np.loadtxt(rows, delimiter=",", ndmin=2)
        if table.shape[1] != len(names):
            raise ValueError(
                message("checks.baseline_columns", names=len(names), columns=table.shape[1])
            )
        values = dict(zip(names, table.T, strict=True))
    except (OSError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        said = error.args[0] if error.args else ""
        reason = said if isinstance(said, Message) else _first_line(error)
        raise ModelError(
            message("checks.baseline_cannot_read", reason=reason, remedy=remedy), file=path
        ) from None
    if not values or next(iter(values)) != "time":
        raise ModelError(message("checks.first_column_baseline_must", remedy=remedy), file=path)
    time = values.pop("time")
    if not len(time) or not np.all(np.isfinite(time)) or np.any(np.diff(time) <= 0):
        raise ModelError(message("checks.times_baseline_must_rise", remedy=remedy), file=path)
    return xr.Dataset({name: ("time", column) for name, column in values.items()}, {"time": time})


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def compare(
    old: xr.Dataset,
    new: xr.Dataset,
    tolerances: Tolerances,
    kept: Sequence[str] = (),
    *,
    gaps: bool = False,
) -> Comparison:
    """Compare a run with its baseline at the baseline's times.

    Parameters
    ----------
    old, new : xarray.Dataset
        Baseline and run over ``time``; the run is interpolated linearly between its samples.
    tolerances : Tolerances
        A variable has moved if ``abs(new - old) > absolute + relative * abs(old)`` at some time, or if only one of the
        two values is NaN.
    kept : sequence of str
        Names of the variables that baselines should contain. The result lists those that `old` lacks as `added`.
    gaps : bool
        Whether to ignore the times at which `old` is NaN. Otherwise, the run must be NaN at these times, too.
    """
    names = {spelling(str(name)): str(name) for name in new.data_vars}
    then = np.asarray(old["time"].values, dtype=float)
    now = np.asarray(new["time"].values, dtype=float)
    slack = 1e-9 * max(1.0, abs(then[0]), abs(then[-1]))
    covered = (then >= now[0] - slack) & (then <= now[-1] + slack)
    short = "" if covered.all() else (
        message(
            "checks.run_shorter", start=now[0], stop=now[-1], first=then[0], last=then[-1]
        )
    )  # fmt: skip
    clock = str(new["time"].attrs.get("units", ""))
    moved, missing = [], []
    for column in old.data_vars:
        name = names.get(spelling(str(column)))
        if name is None:
            missing.append(str(column))
            continue
        before = np.asarray(old[column].values, dtype=float)
        seen = covered & ~np.isnan(before) if gaps else covered
        after = _sampled(then[seen], now, new[name])
        units = str(new[name].attrs.get("units", ""))
        move = _move(name, units, clock, then[seen], before[seen], after, tolerances)
        if move is not None:
            moved.append(move)
    known = {spelling(str(column)) for column in old.data_vars}
    added = tuple(name for name in kept if spelling(name) not in known)
    renamed = tuple(
        (column, name)
        for column in missing
        for name in added
        if spelling(name) in names
        and _same(old, column, new, names[spelling(name)], covered, tolerances)
    )
    return Comparison(
        len(old.data_vars) - len(missing),
        tuple(sorted(moved, key=lambda move: -move.share)),
        tuple(missing),
        added,
        renamed,
        short,
    )


def _move(
    name: str,
    units: str,
    clock: str,
    time: np.ndarray,
    old: np.ndarray,
    new: np.ndarray,
    tolerances: Tolerances,
) -> Moved | None:
    tolerance = tolerances.of(name)
    close = np.isclose(new, old, rtol=tolerance.relative, atol=tolerance.absolute, equal_nan=True)
    if close.all():
        return None
    distance = np.where(np.isfinite(new), np.abs(new - old), np.inf)
    distance[np.isnan(distance)] = np.inf
    far = int(np.argmax(np.where(close, -1.0, distance)))
    allowed = tolerance.absolute + tolerance.relative * abs(old[far])
    known = old[~np.isnan(old)]
    span = float(np.ptp(known)) if known.size else 0.0
    largest = float(np.max(np.abs(known), initial=0.0))
    scale = max(span, 1e-9 * largest if span else largest)
    return Moved(
        name=name,
        units=units,
        time=float(time[far]),
        time_units=clock,
        old=float(old[far]),
        new=float(new[far]),
        share=float(distance[far] / scale) if scale else float("inf"),
        times=float(distance[far] / allowed) if allowed else float("inf"),
    )


def _same(
    old: xr.Dataset,
    column: str,
    new: xr.Dataset,
    name: str,
    covered: np.ndarray,
    tolerances: Tolerances,
) -> bool:
    time = np.asarray(old["time"].values, dtype=float)[covered]
    before = np.asarray(old[column].values, dtype=float)[covered]
    after = _sampled(time, new["time"].values, new[name])
    limit = tolerances.of(name)
    near = {"rtol": limit.relative, "atol": limit.absolute}
    return bool(np.allclose(after, before, equal_nan=True, **near))


def _sampled(wanted: np.ndarray, time: np.ndarray, values: xr.DataArray) -> np.ndarray:
    """Return a curve at the times `wanted`, interpolated linearly between samples.

    Next to a missing sample (NaN), the value of the nearest sample is returned instead.
    """
    curve = np.asarray(values.values, dtype=float)
    between = np.interp(wanted, time, curve)
    nearest = np.interp(wanted, time, np.arange(len(time))).round().astype(int)
    return np.where(np.isnan(between), curve[nearest], between)
