"""Points of a lookup or of a time series, which a run can use instead of the model's own.

`Model.lookups` returns `Points`, and the settings of a run accept `Points`. `points_in` returns the tables in an
equation. `variant` returns the table that Vensim functions such as CUMULATE use instead of the original one.
"""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, get_args

from sdcluster.errors import ModelError, ModelWarning
from sdcluster.messages import Message, comma_separated, message
from sdcluster.model.expression import Expression, Interpolation, Lookup, Table, walk

if TYPE_CHECKING:
    import pandas as pd

_WORDS: dict[str, Interpolation] = {
    "linear": "interpolate",
    "hold": "hold_backward",
    "next": "look_forward",
    **{name: name for name in get_args(Interpolation)},
}


def _how() -> Message:
    return message("model.give_pandas_series_dict")


@dataclass(frozen=True)
class Points:
    """Points of a lookup, or values over time for a variable in a run.

    Parameters
    ----------
    x : tuple of float
        Arguments of the lookup, or times in the model's time unit; ascending.
    y : tuple of float
        Values, as many as `x`.
    between : str
        Interpolation between two points: ``"linear"``, ``"hold"`` (the value of the previous point) or ``"next"`` (the
        value of the next point). If empty, the interpolation of the model's own points is used, or ``"linear"`` if the
        model has no points. Outside the points, the end values are used.
    lookup : bool
        Whether the points replace the lookup inside the variable's equation (WITH LOOKUP) rather than the whole
        equation.

    Examples
    --------
    >>> Points((0.0, 10.0), (1.0, 3.0)).scaled(2.0).y
    (2.0, 6.0)
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    between: str = ""
    lookup: bool = False

    def __post_init__(self) -> None:
        for name in ("x", "y"):  # the kernel cache needs hashable values
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        if self.between and self.between not in _WORDS:
            raise ModelError(message("model.not_way_read_points", between=self.between))
        if len(self.x) != len(self.y) or not self.x:
            raise ModelError(
                message("model.x_y_make_no", count=len(self.x), count_2=len(self.y), how=_how())
            )
        if not all(map(math.isfinite, (*self.x, *self.y))):
            raise ModelError(message("model.points_must_finite_numbers"))
        if any(b < a for a, b in pairwise(self.x)):
            raise ModelError(message("model.x_points_must_ascend"))

    @classmethod
    def of(cls, value: Any, between: str = "", *, lookup: bool = False) -> Points:
        """Build points from a pandas Series, an xarray DataArray, a mapping or a sequence of pairs.

        Parameters
        ----------
        value : Points, pandas.Series, xarray.DataArray, mapping, or sequence of pairs
            The points. The x values are the index of a Series, the only coordinate of a DataArray, the keys of a
            mapping, or the first items of pairs. Points with y = NaN are dropped with a `ModelWarning`; a run
            interpolates between the remaining points.
        between, lookup
            As for `Points`.

        Raises
        ------
        ModelError
            If the value cannot be converted to points, for example dates, texts or an empty sequence.
        """
        if isinstance(value, Points):
            return replace(value, between=between or value.between, lookup=lookup or value.lookup)
        pairs = []
        lacking: list[Any] = []
        for x, y in _pairs(value):
            at, number = _number(x), _number(y)
            if math.isnan(number):
                lacking.append(x)
                continue
            if not math.isfinite(at) or math.isinf(number):
                raise ModelError(message("model.points_must_finite_numbers_not", x=x, y=y))
            pairs.append((at, number))
        if not pairs:
            raise ModelError(message("model.list_points_empty", how=_how()))
        if lacking:
            warn_of_gaps(lacking)
        pairs.sort(key=lambda pair: pair[0])
        return cls(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs), between, lookup)

    @property
    def frame(self) -> pd.DataFrame:
        """The points as a table with the columns ``x`` and ``y``."""
        import pandas as pd

        return pd.DataFrame({"x": self.x, "y": self.y})

    @property
    def series(self) -> pd.Series:
        """The y values as a Series with the x values as index."""
        import pandas as pd

        return pd.Series(self.y, index=pd.Index(self.x, name="x"), name="y", dtype=float)

    def scaled(self, y: float = 1.0, x: float = 1.0) -> Points:
        """Return the points with x and y multiplied by factors; the factor for x must be positive."""
        if not (x > 0 and math.isfinite(x) and math.isfinite(y)):
            raise ModelError(message("model.points_cannot_scaled_x", y=y, x=x))
        return replace(self, x=tuple(a * x for a in self.x), y=tuple(b * y for b in self.y))

    def plot(self, ax: Any = None) -> Any:
        """Plot the points and their interpolation, and return the matplotlib axes."""
        import matplotlib.pyplot as plt

        axes = plt.subplots()[1] if ax is None else ax
        style = {"hold_backward": "steps-post", "look_forward": "steps-pre"}
        axes.plot(
            self.x, self.y, marker="o", drawstyle=style.get(_WORDS.get(self.between, ""), "default")
        )
        return axes

    def table(self, own: Table | None = None) -> Table:
        """Return the points as a table of an equation.

        Parameters
        ----------
        own : Table, optional
            The table that the points replace. If `between` is empty, the interpolation of this table is used.

        Returns
        -------
        Table
            The points with their interpolation.
        """
        kind = _WORDS[self.between] if self.between else own.interpolation if own else "interpolate"
        if own is not None:
            return replace(own, x=self.x, y=self.y, interpolation=kind)
        return Table(self.x, self.y, kind)


def warn_of_gaps(at: Sequence[Any], where: str = "") -> None:
    """Warn that points without a value are dropped.

    Parameters
    ----------
    at : sequence
        The x values of the dropped points.
    where : str
        Where the points are, for the message: a file and an entry in it.
    """
    many, first = len(at) > 1, f"{_number(at[0]):g}"
    warnings.warn(
        message("model.points_without_number", where=where, count=len(at), first=first)
        if many
        else message("model.point_without_number", where=where, first=first),
        ModelWarning,
        stacklevel=2,
    )


def of_table(table: Table) -> Points:
    """Return a table of an equation as `Points`; points without a value are dropped."""
    known = [(x, y) for x, y in zip(table.x, table.y, strict=True) if math.isfinite(y)]
    return Points.of(known or [(table.x[0], 0.0)], table.interpolation, lookup=True)


def points_in(expression: Expression) -> list[Table]:
    """Return the tables in an expression, including the expression itself if it is a table."""
    if isinstance(expression, Table):
        return [expression]
    nodes = (n for n in walk(expression) if isinstance(n, Lookup))
    return [n.table for n in nodes if isinstance(n.table, Table)]


def variant(table: Table, change: str | None) -> Table:
    """Return the table that a Vensim function of tables uses instead of the given table.

    Parameters
    ----------
    table : Table
    change : str or None
        The change: ``cumulate``, ``cumulatef``, or a new interpolation. With None the table is unchanged.
    """
    if change is None or change == "points":
        return table
    if change == "cumulate":
        return replace(table, y=tuple(accumulate(table.y)))
    if change == "cumulatef":
        return Table(table.x[-1:], (sum(table.y),))
    return replace(table, interpolation=change)  # type: ignore[arg-type]


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of x and y in an object that `Points.of` accepts."""
    if isinstance(value, Mapping):
        yield from value.items()
    elif hasattr(value, "iloc"):
        yield from _of_pandas(value)
    elif hasattr(value, "coords") and hasattr(value, "dims"):
        if len(value.dims) != 1 or value.dims[0] not in value.coords:
            raise ModelError(message("model.dataarray_needs_one_dimension", how=_how()))
        yield from zip(value[value.dims[0]].values, value.values, strict=True)
    else:
        if hasattr(value, "tolist"):
            value = value.tolist()
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
            raise ModelError(message("model.holds_no_points", value=repr(value), how=_how()))
        for pair in value:
            if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
                raise ModelError(message("model.not_point", pair=repr(pair), how=_how()))
            yield pair[0], pair[1]


def _of_pandas(value: Any) -> Iterator[tuple[Any, Any]]:
    if value.ndim == 1:
        yield from zip(value.index, value.to_numpy(), strict=True)
    elif value.shape[1] == 1:
        yield from zip(value.index, value.iloc[:, 0].to_numpy(), strict=True)
    elif value.shape[1] == 2 and [str(c).lower() for c in value.columns] == ["x", "y"]:
        yield from zip(value.iloc[:, 0].to_numpy(), value.iloc[:, 1].to_numpy(), strict=True)
    else:
        names = comma_separated(map(str, value.columns))
        raise ModelError(message("model.table_several_columns_choose", names=names))


def _number(value: Any) -> float:
    if isinstance(value, numbers.Real) or (hasattr(value, "dtype") and value.dtype.kind in "fiub"):
        return float(value)
    if value is None:
        return math.nan
    raise ModelError(message("model.points_numbers_not_times", value=repr(value)))
