"""Experimental designs: points over the ranges of uncertain constants and of decisions.

`design(model, n, over, method)` returns a `Design`, which can be passed to `sdcluster.ensemble`.

Points fill the unit cube by a scrambled Sobol' sequence (Sobol' 1967; Owen 1998), a Latin hypercube (McKay, Beckman &
Conover 1979), a grid or at random, all from `scipy.stats.qmc`. Each axis is then mapped to the distribution of its
variable by the inverse distribution function. A Gaussian copula correlates variables (Nelsen 2006, section 2.3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, did_you_mean, short_traceback
from sdcluster.messages import Message, clauses, comma_separated, message
from sdcluster.model import Model
from sdcluster.model.elements import constants, element_names, find_element, one
from sdcluster.project.scenario import find_scenario
from sdcluster.run.inputs import is_number
from sdcluster.run.simulator import whole_seed
from sdcluster.run.varying import varying
from sdcluster.study.design_points import unit_points
from sdcluster.study.experiments_ranges import check_spread, judgements, ranges
from sdcluster.study.run_request import loaded

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("sobol", "lhs", "random", "grid")
SCENARIO = "scenario"  # the name of the factor that chooses a scenario


@dataclass(frozen=True, eq=False)
class Design:
    """Points at which a model is run.

    Parameters
    ----------
    names : tuple of str
        The factors: constants, stocks (their initial values), or elements of them.
    values : ndarray, shape (runs, len(names))
        The values of the factors in each run, in the units of the variables; a scenario is given by its index. A
        design too large for memory generates its rows on demand (`sdcluster.study.design_points.OnDemand`).
    made : mapping of str to str
        How the points were generated: method, seed, and the distribution of each factor.
    scenarios : tuple of str
        The scenarios from which each run takes one, if ``"scenario"`` is a factor.
    """

    names: tuple[str, ...]
    values: Any
    made: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def to_frame(self) -> pd.DataFrame:
        """Return the points as a table: a row for each run, a column for each name."""
        import pandas as pd

        table = pd.DataFrame(np.asarray(self.values), columns=list(self.names))
        if self.scenarios:
            table[SCENARIO] = [self.scenarios[int(i)] for i in table[SCENARIO]]
        return table

    def _repr_html_(self) -> str:
        return str(self.to_frame()._repr_html_())


@short_traceback
def design(
    model: Model | str | Path,
    n: int,
    over: str | Sequence[str] | Mapping[str, Any] = "judgements",
    method: str = "sobol",
    *,
    correlations: Mapping[tuple[str, str], float] | None = None,
    spread: float = 1.0,
    seed: int = 0,
) -> Design:
    """Sample points over the ranges of some variables.

    Parameters
    ----------
    model : Model or path
        The model, loaded or by its path.
    n : int
        Number of points. A Sobol' sequence is best balanced at powers of two. A grid uses as many values per variable
        as `n` points allow.
    over : {"judgements", "levers", "constants"}, sequence of str, or mapping
        The factors. ``"judgements"`` are the constants that the documentation calls a judgement, ``"levers"`` those
        that somebody decides, ``"constants"`` all that have a range. A sequence of names uses the range that the model
        gives each variable. A mapping gives each name its distribution: ``(low, high)``, ``("triangular", low, most
        likely, high)``, ``("normal", mean, sd[, low, high])``, ``("lognormal", median, sd of the logarithm[, low,
        high])``, or a distribution of `scipy.stats`. ``"price at 20"`` sets a constant or stock at time 20.
        ``"scenario"`` takes a list of equally likely scenarios.
    method : {"sobol", "lhs", "random", "grid"}
    correlations : mapping of (str, str) to float, optional
        Correlations of pairs of variables, measured between the normal variables of the copula; not with a grid.
    spread : float
        Fraction of each range in the model to sample, around the constant's value in the model.
    seed : int
        Seed of the random numbers; the same seed gives the same result.

    Returns
    -------
    Design
        The points, for `sdcluster.ensemble`.

    Raises
    ------
    ModelError
        For unknown names or methods, missing ranges, invalid distributions, and correlations that contradict each
        other.
    """
    if method not in METHODS:
        known = did_you_mean(method, METHODS) or message(
            "study.write_one", methods=comma_separated(METHODS)
        )
        raise ModelError(message("study.no_design", method=method, known=known))
    if not (isinstance(n, (int, np.integer)) and n > 0):
        raise ModelError(message("study.design_needs_number_points", n=repr(n)))
    model = loaded(model)
    names, distributions = _varied(model, over, spread)
    seed = whole_seed(seed)
    unit = unit_points(int(n), len(names), method, seed)
    matrix = None
    if correlations:
        if method == "grid":
            raise ModelError(message("study.grid_no_correlations_choose"))
        matrix = _factor(_matrix(model, names, correlations))

    def placed(points: np.ndarray) -> np.ndarray:
        drawn = points if matrix is None else _correlated(points, matrix)
        return _placed(model, names, distributions, drawn)

    values = placed(unit) if isinstance(unit, np.ndarray) else unit.mapped(placed)
    made = {"method": method, "seed": str(seed)}
    made |= {name: said for name, (said, _) in zip(names, distributions, strict=True)}
    if correlations:
        made["correlations"] = "; ".join(f"{a}, {b}: {r:g}" for (a, b), r in correlations.items())
    scenarios = next((d.names for _, d in distributions if isinstance(d, _Choice)), ())
    return Design(names, values, made, scenarios)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two independent sets of points; each row has a point of both sets.

    Parameters
    ----------
    names : tuple of str
    first, second : ndarray, shape (n, names)
    shares : tuple of ndarray of the same shape
        The same points as cumulative probabilities, from 0 to 1.
    """

    names: tuple[str, ...]
    first: np.ndarray
    second: np.ndarray
    shares: tuple[np.ndarray, np.ndarray]


def factors(
    model: Model, over: str | Sequence[str] | Mapping[str, Any], spread: float
) -> tuple[str, ...]:
    """Return the names of the factors.

    Raises
    ------
    ModelError
        As `design`.
    """
    return _varied(model, over, spread)[0]


def pairs(
    model: Model,
    n: int,
    over: str | Sequence[str] | Mapping[str, Any],
    *,
    spread: float = 1.0,
    seed: int = 0,
) -> Pairs:
    """Sample two independent points for each row, from one scrambled Sobol' sequence of twice the width.

    Raises
    ------
    ModelError
        As `design`.
    """
    names, distributions = _varied(model, over, spread)
    unit = np.asarray(unit_points(n, 2 * len(names), "sobol", seed))
    shares = unit[:, : len(names)], unit[:, len(names) :]
    first, second = (_placed(model, names, distributions, share) for share in shares)
    return Pairs(names, first, second, shares)


def _placed(
    model: Model, names: Sequence[str], distributions: Sequence[tuple[str, Any]], unit: np.ndarray
) -> np.ndarray:
    """Map points of the unit cube to values of the factors, according to their distributions."""
    values = np.empty_like(unit)
    for i, (_, distribution) in enumerate(distributions):
        values[:, i] = distribution.ppf(unit[:, i])
    finite = np.isfinite(values).all(axis=0)
    if not finite.all():
        bad = names[int(np.flatnonzero(~finite)[0])]
        raise ModelError(
            message("study.distribution_gives_numbers_not", bad=bad),
            file=model.path,
        )
    return values


def chosen_elements(model: Model, names: Sequence[str] | str, argument: str) -> list[str]:
    """Return the elements that an argument names, one name or several.

    Raises
    ------
    ModelError
        For unknown names, and for arguments that are not names.
    """
    given = [names] if isinstance(names, str) else names
    if not isinstance(given, Iterable) or not all(isinstance(name, str) for name in given):
        raise ModelError(
            message("study.takes_names_of_variables", argument=argument, given=repr(names))
        )
    return elements_of(model, list(given))


def elements_of(model: Model, names: Sequence[str]) -> list[str]:
    """Return the elements that the names refer to; the name of an array refers to all its elements."""
    found: list[str] = []
    for name in names:
        key, place = find_element(model, name)
        every = element_names(model, key)
        found += every if place is None else [every[place]]
    return list(dict.fromkeys(found))


def _varied(
    model: Model, over: str | Sequence[str] | Mapping[str, Any], spread: float
) -> tuple[tuple[str, ...], list[tuple[str, Any]]]:
    """Return the names of the factors, and the distribution of each as text and as a scipy object."""
    if not isinstance(over, Iterable):
        raise ModelError(message("study.over_takes_judgements_levers", over=repr(over)))
    check_spread(spread)
    if isinstance(over, Mapping):
        names = tuple(_name(model, name) for name in over)
        found = [
            _chosen(model, given)
            if name == SCENARIO and SCENARIO not in model
            else _distribution(name, given)
            for name, given in zip(names, over.values(), strict=True)
        ]
    else:
        names = names_of(model, over)
        low, high = ranges(model, names, spread)
        found = [
            _uniform(name, a, b)
            for name, a, b in zip(names, low.tolist(), high.tolist(), strict=True)
        ]
    if not names:
        raise ModelError(message("study.nothing_varies"), file=model.path)
    if len(set(names)) < len(names):
        raise ModelError(message("study.variable_named_twice_among"), file=model.path)
    return names, found


def _name(model: Model, name: str) -> str:
    return SCENARIO if name == SCENARIO and name not in model else varying(model, name).name


def _chosen(model: Model, given: Any) -> tuple[str, Any]:
    names = (
        (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else ()
    )
    if not names or not all(isinstance(name, str) for name in names):
        raise ModelError(message("study.scenario_takes_list_names", given=repr(given)))
    found = tuple(find_scenario(model, name).name or name for name in names)
    return f"one of {', '.join(found)}", _Choice(found)


def _listed(model: Model, over: str) -> tuple[str, ...]:
    """Return the names in a text such as ``"price, level[north, south]"``; commas inside brackets do not separate."""
    parts = [part.strip() for part in re.split(r",(?![^\[]*\])", over)]
    try:
        return tuple(one(model, part).name for part in parts)
    except ModelError as error:
        if len(parts) > 1:
            raise
        hint = did_you_mean(over, ("judgements", "levers", "constants")) or ""
        if not hint:
            raise error from None
        raise ModelError(message("study.says_nothing_about_varies", over=over, hint=hint)) from None


def names_of(model: Model, over: str | Sequence[str]) -> tuple[str, ...]:
    """Return names as the model writes them.

    `over` is a sequence of names, a text with names between commas, or a word such as ``"judgements"``.

    Raises
    ------
    ModelError
        For an unknown name or word, and if no variable remains.
    """
    if not isinstance(over, str):
        names = tuple(one(model, name).name for name in over)
    elif over == "judgements":
        names = judgements(model)
    elif over == "levers":
        names = tuple(
            e.name for e, _ in constants(model) if e.variable.lever and _has_range(model, e.name)
        )
    elif over == "constants":
        names = _with_ranges(model)
    else:
        names = _listed(model, over)
    if not names:
        word = over if isinstance(over, str) else "names"
        ranged = len(_with_ranges(model))
        says = (
            message("study.nothing_varies_try_constants", over=word, ranged=ranged)
            if ranged
            else message("study.nothing_varies_model_no", isinstance=word)
        )
        raise ModelError(says, file=model.path)
    return names


def _with_ranges(model: Model) -> tuple[str, ...]:
    """Return the names of all constants, or elements of constants, that have a range."""
    return tuple(e.name for e, _ in constants(model) if _has_range(model, e.name))


def _has_range(model: Model, name: str) -> bool:
    try:
        ranges(model, (name,))
    except ModelError:
        return False
    return True


# ---- distributions


def _uniform(name: str, low: float, high: float) -> tuple[str, Any]:
    from scipy import stats

    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ModelError(message("study.range_goes_first_must", name=name, low=low, high=high))
    return f"uniform {low:g} {high:g}", stats.uniform(low, high - low)


def _distribution(name: str, given: Any) -> tuple[str, Any]:
    if hasattr(given, "ppf"):
        return str(getattr(getattr(given, "dist", None), "name", type(given).__name__)), given
    try:
        items = list(given)
        word = items.pop(0) if items and isinstance(items[0], str) else "uniform"
        numbers = [float(x) for x in items]
    except (TypeError, ValueError, OverflowError):
        word, numbers = "", []
    made = _made(name, word, numbers) if all(map(math.isfinite, numbers)) else None
    if made is None:
        forms = clauses(
            [
                message("study.form_uniform"),
                message("study.form_triangular"),
                message("study.form_normal"),
                message("study.form_lognormal"),
            ]
        )
        raise ModelError(
            message("study.distribution_write_low_high", name=name, given=repr(given), forms=forms)
        )
    return f"{word} {' '.join(f'{x:g}' for x in numbers)}", made


def _made(name: str, word: str, numbers: list[float]) -> Any:
    """Return the scipy distribution with a name and numbers; None if no distribution has this name and so many numbers.

    Raises
    ------
    ModelError
        For a number that the distribution cannot have.
    """
    from scipy import stats

    if not is_distribution(word, len(numbers)):
        return None
    _check_numbers(name, word, numbers)
    match word, numbers:
        case "uniform", [low, high]:
            return _uniform(name, low, high)[1]
        case "triangular", [low, mode, high]:
            return stats.triang((mode - low) / (high - low), low, high - low)
        case "normal", [mean, sd]:
            return stats.norm(mean, sd)
        case "normal", [mean, sd, low, high]:
            return stats.truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd)
        case "lognormal", [median, sd]:
            return stats.lognorm(sd, scale=median)
        case _:
            return _CutLognormal(*numbers)


def is_distribution(word: str, count: int) -> bool:
    """Return whether a distribution has this name and so many numbers."""
    counts = {"uniform": (2,), "triangular": (3,), "normal": (2, 4), "lognormal": (2, 4)}
    return count in counts.get(word, ())


def _check_numbers(name: str, word: str, numbers: list[float]) -> None:
    """Raise an error that names the first number that the distribution cannot have."""
    positive: list[tuple[Message, float]] = []
    if word == "normal":
        positive = [(message("study.number_deviation"), numbers[1])]
    elif word == "lognormal":
        positive = [
            (message("study.number_median"), numbers[0]),
            (message("study.number_deviation_of_logarithm"), numbers[1]),
            *((message("study.number_low"), low) for low in numbers[2:3]),
        ]
    for what, value in positive:
        if value <= 0:
            raise ModelError(
                message("study.number_must_be_positive", what=what, name=name, value=value)
            )
    low, high = numbers[-2:] if word != "triangular" else (numbers[0], numbers[2])
    if (word == "triangular" or len(numbers) == 4) and low >= high:
        raise ModelError(message("study.range_goes_first_must", name=name, low=low, high=high))
    if word == "triangular" and not low <= numbers[1] <= high:
        raise ModelError(
            message("study.most_likely_outside", name=name, value=numbers[1], low=low, high=high)
        )


class _Choice:
    """A uniform distribution over the indices of scenarios."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def ppf(self, share: np.ndarray) -> np.ndarray:
        return np.minimum(np.floor(share * len(self.names)), len(self.names) - 1)


class _CutLognormal:
    """A truncated lognormal distribution, computed from the logarithm to stay precise in the tails."""

    def __init__(self, median: float, sd: float, low: float, high: float) -> None:
        from scipy import stats

        mean = math.log(median)
        self._low, self._high = low, high
        ends = ((math.log(bound) - mean) / sd for bound in (low, high))
        self._logarithm = stats.truncnorm(*ends, mean, sd)

    def ppf(self, share: np.ndarray) -> np.ndarray:
        return np.clip(np.exp(self._logarithm.ppf(share)), self._low, self._high)


# ---- correlations


def _matrix(
    model: Model, names: Sequence[str], correlations: Mapping[tuple[str, str], float]
) -> np.ndarray:
    matrix = np.eye(len(names))
    form = '{("price", "demand"): 0.5}'
    if not isinstance(correlations, Mapping):
        raise ModelError(
            message(
                "study.correlations_takes_pairs_names", form=form, correlations=repr(correlations)
            )
        )
    for both, rho in correlations.items():
        if not isinstance(both, tuple) or len(both) != 2 or not is_number(rho):
            raise ModelError(
                message(
                    "study.correlations_takes_pairs_names_not",
                    form=form,
                    both=repr(both),
                    rho=repr(rho),
                )
            )
        a, b = both
        pair = [_name(model, name) for name in (a, b)]
        lacking = next((name for name in pair if name not in names), None)
        if lacking is not None:
            raise ModelError(message("study.correlated_does_not_vary", lacking=lacking))
        if not -1.0 < rho < 1.0 or pair[0] == pair[1]:
            raise ModelError(
                message("study.correlation_must_lie_between", pair=pair[0], pair_2=pair[1], rho=rho)
            )
        i, j = (names.index(name) for name in pair)
        if matrix[i, j] not in (0.0, rho):
            raise ModelError(
                message(
                    "study.correlation_given_twice",
                    pair=pair[0],
                    pair_2=pair[1],
                    rho=rho,
                    other=matrix[i, j],
                )
            )
        matrix[i, j] = matrix[j, i] = rho
    return matrix


def _factor(matrix: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise ModelError(message("study.no_variables_can_all")) from None


def _correlated(unit: np.ndarray, factor: np.ndarray) -> np.ndarray:
    from scipy.stats import norm

    found: np.ndarray = norm.cdf(norm.ppf(unit) @ factor.T)
    return found
