"""The points of an ensemble: the settings of each run, from a design, a table or arrays.

`read_samples(model, samples)` returns `Samples`, whose `part` returns the points of some runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError
from sdcluster.messages import joined, message
from sdcluster.model import Model
from sdcluster.run.varying import varying
from sdcluster.study.design import SCENARIO, Design

if TYPE_CHECKING:
    import pandas as pd

Points = tuple[np.ndarray, np.ndarray | None]


@dataclass(frozen=True, eq=False)
class Samples:
    """The points of an ensemble: the values of the factors in each run.

    Parameters
    ----------
    names : tuple of str
        The factors, as `sdcluster.run.varying.varying` reads them.
    values : ndarray, or `sdcluster.study.design_points.OnDemand`, shape (runs, names)
    scenarios : tuple of str
        The scenarios from which each run takes one; empty if all runs have the same scenario.
    choices : ndarray of int, shape (runs,), or None
    made : mapping of str to str
        How the points were generated, if they come from a design.
    """

    names: tuple[str, ...]
    values: Any
    scenarios: tuple[str, ...] = ()
    choices: np.ndarray | None = None
    made: Mapping[str, str] | None = None

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def part(self, first: int, stop: int) -> Points:
        """Return the points `first` to `stop` - 1, shape (stop - first, names), and the index of each scenario."""
        here = slice(first, stop)
        return self.values[here], None if self.choices is None else self.choices[here]

    def pilot(self, count: int) -> Points:
        """Return points for the pilot runs, which represent all points; from a table, a reproducible random choice."""
        if not isinstance(self.values, np.ndarray):
            return self.part(0, count)
        chosen = np.sort(np.random.default_rng(0).choice(len(self), count, replace=False))
        return self.values[chosen], None if self.choices is None else self.choices[chosen]

    def digest(self) -> str:
        """Return a digest that identifies these points."""
        found = hashlib.sha256(repr((self.names, self.scenarios, len(self))).encode())
        if isinstance(self.values, np.ndarray):
            found.update(np.ascontiguousarray(self.values).tobytes())
        else:
            found.update(repr(self.made).encode())
        if self.choices is not None:
            found.update(self.choices.astype(np.int64).tobytes())
        return found.hexdigest()[:16]


def read_samples(
    model: Model, samples: Design | pd.DataFrame | Mapping[str, Sequence[Any] | np.ndarray]
) -> Samples:
    """Read the points of an ensemble.

    Parameters
    ----------
    model : Model
    samples : Design, DataFrame, or mapping
        For each factor, by name, a number for each run. ``"scenario"`` contains names of scenarios, unless the model
        has a variable of this name.

    Raises
    ------
    ModelError
        For unknown names, and unless each factor has one finite number for each run.
    """
    if isinstance(samples, Design):
        found = _of_design(samples)
    elif hasattr(samples, "keys"):
        found = _of_columns(model, samples)
    else:
        raise ModelError(message("study.samples_must_design_table"))
    if isinstance(found.values, np.ndarray) and not np.isfinite(found.values).all():
        row, column = np.argwhere(~np.isfinite(found.values))[0]
        raise ModelError(
            message(
                "study.run_sets_finite_number",
                row=row,
                names=found.names[column],
                values=found.values[row, column],
            ),
            file=model.path,
        )
    return found


def _of_design(samples: Design) -> Samples:
    made = dict(samples.made)
    if SCENARIO not in samples.names or not samples.scenarios:
        return Samples(samples.names, samples.values, made=made)
    at = samples.names.index(SCENARIO)
    values = np.asarray(samples.values)
    others = [i for i in range(len(samples.names)) if i != at]
    return Samples(
        tuple(samples.names[i] for i in others),
        values[:, others],
        samples.scenarios,
        values[:, at].astype(int),
        made,
    )


def _of_columns(model: Model, samples: Any) -> Samples:
    given = {str(name): samples[name] for name in samples}
    chosen = given.pop(SCENARIO) if SCENARIO in given and SCENARIO not in model else None
    names = tuple(varying(model, name).name for name in given)
    if not names and chosen is None:
        raise ModelError(message("study.samples_name_nothing_varies"))
    try:
        columns = [np.asarray(column, dtype=float) for column in given.values()]
    except (TypeError, ValueError):
        raise ModelError(message("study.samples_hold_something_else")) from None
    titles = None if chosen is None else np.asarray(chosen, dtype=str)
    shapes = {name: column.shape for name, column in zip(names, columns, strict=True)}
    if titles is not None:
        shapes[SCENARIO] = titles.shape
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        said = joined(
            message("study.comma"),
            [
                message("study.has_numbers", name=n, count="×".join(map(str, s)) or 1)
                for n, s in shapes.items()
            ],
        )
        raise ModelError(message("study.each_name_needs_one", said=said))
    values = np.stack(columns, axis=1) if columns else np.zeros((len(titles), 0))  # type: ignore[arg-type]
    if not len(values):
        raise ModelError(message("study.samples_empty_give_number"))
    if titles is None:
        return Samples(names, values)
    scenarios, choices = np.unique(titles, return_inverse=True)
    return Samples(names, values, tuple(scenarios.tolist()), choices.ravel())
