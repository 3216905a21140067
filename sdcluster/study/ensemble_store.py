"""An ensemble on disk: runs are written part by part, and an interrupted ensemble can be resumed.

A `Store` writes a folder in Zarr's format (version 2), which `xarray.open_zarr` can read.

While an ensemble is unfinished, the folder ``runs.zarr.part`` next to ``runs.zarr`` contains its arrays, and the
statistics of the runs so far in ``state.npz``. This state is written atomically and after the arrays, so all runs that
it counts are complete. After an interruption, rows beyond these runs are written again. When the ensemble is finished,
the arrays are moved to ``runs.zarr`` and the folder is removed. As long as a process works on the ensemble, it holds
the lock ``runs.zarr.lock``.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster import files
from sdcluster.errors import ModelError
from sdcluster.messages import Message, message
from sdcluster.run.netcdf_names import ORIGINAL, allowed, portable, restored
from sdcluster.study.ensemble_part import Part
from sdcluster.study.ensemble_tally import Pilot, Tally

if TYPE_CHECKING:
    import xarray as xr

ENDING = ".zarr"
ROWS = 1 << 16  # numbers in a chunk
WAITING = 1 << 23  # the most numbers that wait in memory to be written
VARIED = "varied"  # the attribute that marks the factors
ORDER = (
    "order"  # the attribute with the number of an array: a folder lists its content in any order
)
SELDOM = 5.0  # the least seconds between two writes of the state
TITLE = 64  # characters of a scenario's name
IDENTITY = "ensemble"  # the attribute with the digests that identify an ensemble

FILE = "file of the model"  # this digest shows whether the model or only its data files changed
_WORDS = {
    "model": message("study.ensemble.model"),
    "data": message("study.ensemble.data"),
    "set of samples": message("study.ensemble.samples"),
    "scenario or setting": message("study.ensemble.scenario"),
    "method": message("study.ensemble.method"),
    "question": message("study.ensemble.question"),
    "version of sdcluster": message("study.ensemble.version"),
}

now = time.monotonic


@dataclass(frozen=True)
class Layout:
    """Describes the arrays of a store that have a row for each run.

    Parameters
    ----------
    runs : int
    columns : mapping of str to dict
        The numbers of a run by name, with their attributes: first the factors, then the measures.
    varied, measured : int
        Number of factors and number of measures in `columns`.
    titled : str
        Name of the last of `columns`, if it contains names of scenarios.
    keep : mapping of str to dict
        Curves and their attributes.
    times : ndarray, shape (T,)
    part : int
        Number of runs in a part.
    """

    runs: int
    columns: Mapping[str, dict[str, Any]]
    varied: int
    measured: int
    titled: str
    keep: Mapping[str, dict[str, Any]]
    times: np.ndarray
    part: int


class Store:
    """The folder of an ensemble.

    Parameters
    ----------
    path : path
        Ending in ``.zarr``.
    layout : Layout
    identity : mapping of str to str
        Digests of all that determines the results: of ``"the model"``, ``"the samples"`` and so on.
    resume : bool
        Whether to resume the ensemble in the folder.

    Raises
    ------
    ModelError
        If the package is missing, if the path exists and is not an ensemble to resume, or if the ensemble to resume
        belongs to another problem.

    Notes
    -----
    Create and use a store only inside ``with writing(path)``, so that no other process writes to the same folder.
    """

    def __init__(
        self, path: Path, layout: Layout, identity: Mapping[str, str], resume: bool
    ) -> None:
        zarr = _zarr()
        self.path, self.layout, self._identity = path, layout, dict(identity)
        self.folder = path.with_name(f"{path.name}.part")
        self._state = self.folder / "state.npz"
        if path.exists() and not (path / ".zgroup").is_file():
            raise ModelError(message("study.exists_not_zarr_store", path=path))
        if path.is_dir() and not resume:
            raise ModelError(message("study.holds_ensemble_already_resume", path=path))
        if not resume and self.resumable:
            raise ModelError(
                message("study.interrupted_resume_or_remove", path=path, folder=self.folder)
            )
        self._waiting: list[tuple[Part, np.ndarray, Sequence[str] | None]] = []
        self._numbers = 0
        self._written = now()
        self._names = _allowed([*layout.columns, *layout.keep])
        self._every_chunk = {"array.write_empty_chunks": True}  # so a missing chunk means lost data
        made = self.folder / "made.json"
        if resume and made.is_file():
            self._check(json.loads(made.read_text(encoding="utf-8")))
        elif resume and path.is_dir():
            attributes = json.loads((path / ".zattrs").read_text(encoding="utf-8"))
            self._check(json.loads(attributes.get(IDENTITY, "{}")))
        if not (resume and self.resumable):
            self._begin(zarr)
        self._group = (
            zarr.open_group(self.folder / "runs", mode="r+") if not self.finished else None
        )

    @property
    def finished(self) -> bool:
        """Whether the folder contains the finished ensemble."""
        return is_finished(self.path)

    @property
    def resumable(self) -> bool:
        """Whether the folder contains an unfinished ensemble that can be resumed."""
        needed = (self._state, self.folder / "made.json", self.folder / "runs" / ".zgroup")
        return self.finished or all(path.is_file() for path in needed)

    def _check(self, made: Mapping[str, str]) -> None:
        other = [
            what
            for what, digest in self._identity.items()
            if what != FILE and made.get(what) != digest
        ]
        if "model" in other and made.get(FILE) == self._identity.get(FILE, ""):
            other[other.index("model")] = "data"
        if other:
            raise ModelError(
                message(
                    "study.begun_another_run_without",
                    path=self.path,
                    folder=self.path if self.finished else self.folder,
                    other=_listed(other),
                )
            )

    def _begin(self, zarr: Any) -> None:
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        group = zarr.open_group(self.folder / "runs", mode="w", zarr_format=2)
        layout = self.layout
        runs = layout.runs
        numbers = count()

        def array(name: str, dims: list[str], chunks: Any, dtype: Any, attrs: Any = None) -> None:
            safe = self._names.get(name, name)
            own = {
                "_ARRAY_DIMENSIONS": dims,
                ORDER: next(numbers),
                **({ORIGINAL: name} if safe != name else {}),
            }
            shape = (runs, len(layout.times))[: len(dims)]
            group.create_array(
                safe,
                shape=shape,
                chunks=chunks,
                dtype=dtype,
                fill_value=np.nan if dtype is float else None,
                attributes={**(attrs or {}), **own},
            )

        rows = (min(ROWS, runs),)
        array("failed", ["run"], rows, bool)
        for name, attributes in layout.columns.items():
            dtype = f"<U{TITLE}" if name == layout.titled else float
            array(name, ["run"], rows, dtype, attributes)
        chunk = (min(layout.part, runs), len(layout.times))
        for name, attributes in layout.keep.items():
            array(name, ["run", "time"], chunk, float, attributes)
        (self.folder / "made.json").write_text(json.dumps(self._identity), encoding="utf-8")

    # ---- parts

    def add(self, part: Part, points: np.ndarray, titles: Sequence[str] | None) -> None:
        """Add a part; it is written to disk once enough parts are waiting, or with the next state."""
        self._waiting.append((part, points, titles))
        self._numbers += part.kept.size + part.numbers.size + points.size
        if self._numbers > WAITING:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        with _zarr().config.set(self._every_chunk):
            self._write()

    def _write(self) -> None:
        parts = [part for part, _, _ in self._waiting]
        first, last = parts[0].first, parts[-1].first + len(parts[-1].failed)
        here = slice(first, last)
        array, layout = self._array, self.layout
        array("failed")[here] = np.concatenate([p.failed for p in parts])
        names = list(layout.columns)
        points = np.concatenate([points for _, points, _ in self._waiting])
        numbers = np.concatenate([p.numbers for p in parts], axis=1)
        for i, name in enumerate(names[: layout.varied]):
            array(self._names[name])[here] = points[:, i]
        for i, name in enumerate(names[layout.varied : layout.varied + layout.measured]):
            array(self._names[name])[here] = numbers[i]
        if layout.titled:
            titles = [title for _, _, own in self._waiting for title in own or ()]
            array(self._names[layout.titled])[here] = np.array(titles, dtype=f"<U{TITLE}")
        for i, name in enumerate(layout.keep):
            array(self._names[name])[here] = np.concatenate([p.kept[i] for p in parts])
        if parts[0].whole is not None:
            whole = np.concatenate([p.whole for p in parts if p.whole is not None], axis=1)
            np.save(self.folder / f"whole-{first}.npy", whole)
        self._waiting, self._numbers = [], 0

    def _array(self, name: str) -> Any:
        assert self._group is not None
        try:
            return self._group[name]
        except KeyError:
            raise self._lost() from None

    def _lost(self) -> ModelError:
        return ModelError(message("study.parts_of_ensemble_lost", folder=self.folder))

    # ---- states

    def keep(self, tally: Tally, *, always: bool = False) -> None:
        """Write the state, the statistics of the tally so far, unless it was written recently."""
        if not always and now() - self._written < SELDOM:
            return
        self._flush()
        self._save(self._state, tally.state())
        self._written = now()

    def pilot(self, make: Callable[[], Pilot]) -> Pilot:
        """Return the stored pilot; if nothing is stored yet, compute the pilot and store it."""
        path = self.folder / "pilot.npz"
        if path.is_file():
            with np.load(path, allow_pickle=False) as known:
                return Pilot(known.get("numbers"), known.get("edges"))
        found = make()
        self._save(path, {k: v for k, v in vars(found).items() if v is not None})
        return found

    def _save(self, path: Path, arrays: Mapping[str, Any]) -> None:
        with files.replacing(path, ".npz") as temporary:
            np.savez(temporary, allow_pickle=False, **arrays)
        if files.written and files.written[-1] == path:
            files.written.pop()  # the user did not ask for this file

    def restore(self, tally: Tally) -> None:
        """Restore the results of earlier runs from the folder into a tally."""
        if not self._state.is_file():
            return
        with np.load(self._state, allow_pickle=False) as state:
            known = dict(state)
        done, layout = int(known["next"]), self.layout
        assert self._group is not None
        measured = list(layout.columns)[layout.varied : layout.varied + layout.measured]
        numbers = [self._group[self._names[name]][:done] for name in measured]
        bands = len(tally.plan.question.bands)
        whole = np.empty((bands, done, len(layout.times)))
        for path in self.folder.glob("whole-*.npy"):
            first = int(path.stem.partition("-")[2])
            if first >= done:
                path.unlink()
                continue
            content = np.load(path, allow_pickle=False)[:, : done - first]
            whole[:, first : first + content.shape[1]] = content
        failed = self._group["failed"][:done]
        tally.restore(known, np.array(numbers).reshape(len(measured), done), failed, whole)

    # ---- the end

    def finish(self, found: xr.Dataset) -> xr.Dataset:
        """Write the results that have no row for each run, rename the folder, and return all results as a lazy dataset.

        Raises
        ------
        ModelError
            If a chunk that was written is missing.
        """
        self._flush()
        names = ["failed", *(self._names[n] for n in (*self.layout.columns, *self.layout.keep))]
        arrays = [self._array(name) for name in names]
        if any(array.nchunks_initialized < array.nchunks for array in arrays):
            raise self._lost()
        found.attrs[IDENTITY] = json.dumps(self._identity)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            portable(found).to_zarr(
                self.folder / "runs", mode="a", consolidated=False, zarr_format=2
            )
            _zarr().consolidate_metadata(self.folder / "runs", zarr_format=2)
        if self.path.exists():
            shutil.rmtree(self.path)
        os.replace(self.folder / "runs", self.path)
        shutil.rmtree(self.folder)
        while self.path in files.unfinished:
            files.unfinished.remove(self.path)
        files.written.append(self.path)
        return self.opened()

    def opened(self) -> xr.Dataset:
        """Return the finished ensemble as a dataset; its arrays are read from disk when they are used."""
        return open_store(self.path)


def is_finished(path: Path) -> bool:
    """Return whether a folder contains a finished ensemble."""
    return path.is_dir() and not (path.with_name(f"{path.name}.part") / "runs").is_dir()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Keep other processes from writing an ensemble to `path` (a context manager).

    Raises
    ------
    ModelError
        If another process is writing there.
    """
    with files.only_writer(path) as ours:
        if not ours:
            raise ModelError(message("study.another_process_writes", path=path))
        yield


def open_store(path: Path) -> xr.Dataset:
    """Return an ensemble from a Zarr store; its arrays are read from disk when they are used."""
    import xarray as xr

    stored = xr.open_zarr(path, chunks=None, consolidated=False)
    order = {str(n): v.attrs.pop(ORDER, np.inf) for n, v in stored.variables.items()}
    arrays = {name: stored.variables[name] for name in sorted(order, key=lambda n: (order[n], n))}
    found = xr.Dataset(arrays, attrs=stored.attrs)
    varied = [n for n, v in found.variables.items() if v.attrs.pop(VARIED, None)]
    found = restored(found.set_coords([*varied, "failed"]))
    return found.assign_coords(run=np.arange(found.sizes["run"]))


def _allowed(names: Sequence[str]) -> dict[str, str]:
    """Return for each name a name that is valid in the store."""
    found: dict[str, str] = {}
    for name in names:
        safe = plain = allowed(name)
        number = 2
        while safe in found.values():
            safe, number = f"{plain} {number}", number + 1
        found[name] = safe
    return found


def _zarr() -> Any:
    try:
        import zarr
    except ImportError:
        raise ModelError(message("study.writing_zarr_needs_package")) from None
    return zarr


def _listed(names: Sequence[str]) -> Message:
    """Return the parts of an identity in words, in any language."""
    first, *others = (_WORDS[name] for name in names)
    for other in others:
        first = message("study.ensemble.and", first=first, second=other)
    return first
