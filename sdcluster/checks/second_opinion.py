"""A second opinion on a model: run the file in PySD too, and report the largest difference of each variable.

`second_opinion` takes the path of a model file, and returns an `Opinion`. PySD translates the file into a Python
program and executes it, so untrusted files must not reach this module; sdcluster itself never executes content of a
file.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import Message, clauses, message
from sdcluster.read.vensim.data import spelling

if TYPE_CHECKING:
    from sdcluster.model import Model

SAME = 1e-6  # of the largest value of a variable


@dataclass(frozen=True)
class Difference:
    """The difference between one curve and PySD's.

    Parameters
    ----------
    name : str
        Name of the variable; an element of an array is written ``name[a,b]``.
    largest : float
        Largest difference between the two curves, relative to PySD's largest absolute value (or to 1 if that is 0);
        infinite if only one curve has a value at some time.
    time : float
        Time of the largest difference.
    ours, theirs : float
        The two values at that time.
    """

    name: str
    largest: float
    time: float
    ours: float
    theirs: float


@dataclass(frozen=True)
class Opinion:
    """The result of a comparison of sdcluster with PySD on one model.

    Parameters
    ----------
    model : Model
    version : str
        Version of PySD.
    differences : tuple of Difference
        One for each curve that both programs have, the largest first.
    alone : tuple of str
        Names of the curves that only sdcluster has.
    """

    model: Model
    version: str
    differences: tuple[Difference, ...]
    alone: tuple[str, ...]

    @property
    def apart(self) -> tuple[Difference, ...]:
        """The differences that are larger than `SAME`, which is a millionth of the curve's largest value."""
        return tuple(d for d in self.differences if not d.largest <= SAME)

    @property
    def ok(self) -> bool:
        """Whether there are curves to compare and all of them agree."""
        return bool(self.differences) and not self.apart

    def summary(self) -> Message:
        """Return the verdict as a sentence."""
        alone = message("checks.pysd_alone", count=len(self.alone)) if self.alone else ""
        name, count, version = self.model.name, len(self.differences), self.version
        if not count:
            return clauses([message("checks.pysd_nothing", model=name, version=version), alone])
        if self.ok:
            agree = (
                message("checks.pysd_agrees", model=name, count=count, version=version, share=SAME)
                if count > 1
                else message("checks.pysd_agrees_one", model=name, version=version, share=SAME)
            )
            return clauses([agree, alone])
        differ = message(
            "checks.pysd_differs",
            model=name,
            apart=len(self.apart),
            count=count,
            version=version,
        )
        return clauses([differ, alone])


def second_opinion(path: str | Path, *, trust: bool = False) -> Opinion:
    """Run a model with Euler's method in sdcluster and in PySD, and compare all curves.

    Parameters
    ----------
    path : path
        A Vensim or XMILE file, or a folder that contains one.
    trust : bool
        Whether PySD may execute the program that it makes from the file. Use it only for files from authors you trust.

    Returns
    -------
    Opinion

    Raises
    ------
    ModelError
        If `trust` is false, if sdcluster cannot read the model, or if PySD cannot read or run the model.
    """
    from sdcluster.read import load
    from sdcluster.run import simulate
    from sdcluster.run.elements import spread

    model = load(path)
    if not trust:
        raise ModelError(
            message("checks.pysd_translates_model_python"),
            file=model.path,
        )
    own = spread(simulate(model, method="euler"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        version, times, theirs = _by_pysd(model.path)
    ours = {str(n): np.asarray(own[n].values, dtype=float) for n in own.data_vars}
    moments = np.asarray(own["time"].values, dtype=float)
    found, alone = [], []
    for name, values in ours.items():
        other = theirs.get(spelling(name))
        if other is None:
            alone.append(name)
        else:
            found.append(_difference(name, moments, values, times, other))
    return Opinion(
        model,
        version,
        tuple(sorted(found, key=lambda d: (-d.largest, d.name))),
        tuple(alone),
    )


def _by_pysd(file: Path) -> tuple[str, np.ndarray, Mapping[str, np.ndarray]]:
    """Return PySD's version, the times of its run, and its curves by canonical name."""
    import pysd

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        shutil.copyfile(file, copy)
        # The model may need tables. A .py file is left out, because PySD would overwrite it with its own program.
        for beside in file.resolve().parent.iterdir():
            if beside.name != file.name and beside.suffix != ".py":
                with suppress(OSError):
                    (Path(folder) / beside.name).symlink_to(beside)
        read = pysd.read_vensim if file.suffix.lower() == ".mdl" else pysd.read_xmile
        try:
            frame = read(str(copy)).run()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a program made from a file may raise anything
            said = str(error).strip().splitlines()
            reason = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
            raise ModelError(
                message("checks.pysd_cannot_run_model", version=pysd.__version__, reason=reason),
                file=file,
            ) from None
    curves = {}
    for name in frame.columns:
        with suppress(TypeError, ValueError):  # a column of objects is not a curve
            curves[spelling(str(name))] = np.asarray(frame[name].values, dtype=float)
    return pysd.__version__, np.asarray(frame.index, dtype=float), curves


def _difference(
    name: str, times: np.ndarray, ours: np.ndarray, their_times: np.ndarray, theirs: np.ndarray
) -> Difference:
    """Return the largest difference of two curves at the times that both have."""
    step = float(np.min(np.diff(times))) if len(times) > 1 else 1.0
    place = np.clip(np.searchsorted(their_times, times - step / 4), 0, len(their_times) - 1)
    both = np.abs(their_times[place] - times) < step / 4
    if not both.any():
        return Difference(name, math.inf, float(times[0]), float(ours[0]), math.nan)
    when, mine, other = times[both], ours[both], theirs[place][both]
    size = float(np.max(np.abs(other[np.isfinite(other)]), initial=0.0)) or 1.0
    alike = (mine == other) | (np.isnan(mine) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        apart = np.where(alike, 0.0, np.abs(mine - other) / size)
    apart = np.where(np.isnan(apart), math.inf, apart)
    at = int(np.argmax(apart))
    return Difference(name, float(apart[at]), float(when[at]), float(mine[at]), float(other[at]))
