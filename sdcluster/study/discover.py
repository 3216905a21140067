"""Scenario discovery: the ranges of settings that lead to a result, as boxes (PRIM) and as a decision tree (CART).

`discover` takes the runs of an ensemble, or a `Model`, and a condition; it returns an `xarray.Dataset`.

Boxes are those of the Patient Rule Induction Method (Friedman & Fisher 1999) as the EMA workbench computes them
(Kwakkel 2017), with the measures of scenario discovery (Bryant & Lempert 2010): *coverage*, the share of all cases of
interest that lie in a box, and *density*, the share of the box's runs that are cases of interest. The tree is
scikit-learn's (Breiman et al. 1984). Both packages come with ``pip install "sdcluster[discover]"``.
"""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sdcluster.errors import ModelError, ModelWarning, did_you_mean, short_traceback
from sdcluster.measure.measures import why_never
from sdcluster.messages import Message, joined, message
from sdcluster.model import Model
from sdcluster.words.numbers import plain

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sdcluster.project.scenario import Scenario
    from sdcluster.study.run_request import Progress

WHERE = re.compile(r"^(?P<measure>.+?)\s*(?P<sign><=|>=|<|>)\s*(?P<number>[^<>]+?)\s*$")
SIGNS: Mapping[str, Callable[[Any, float], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
FEWEST = 10  # cases of interest, other runs, and lost runs at an end, from which a box or limit means something
STORED = 50_000_000  # the most numbers of stored runs; the search needs about 4 GB for them
DEPTH = 4  # of the tree
LEAF = 0.03  # of all runs, in a leaf of the tree
TINY = 1e-9
SURE = 0.05  # largest quasi-p of a bound that is not chance


@short_traceback
def discover(
    runs: xr.Dataset | Model | str | Path,
    where: str,
    *,
    n: int = 2048,
    over: str | Sequence[str] | Mapping[str, Any] = "judgements",
    density: float = 0.8,
    boxes: int = 1,
    peel: float = 0.05,
    smallest: float = 0.05,
    scenario: Scenario | str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    to: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Find ranges of settings in which a result is likely.

    Parameters
    ----------
    runs : Dataset, Model or path
        A result of `sdcluster.ensemble` that has the measure in `where`, or a model to run `n` times.
    where : str
        The condition that makes a run a case of interest, such as ``"final population < 100"`` or ``"peak debt >=
        90%"``: a measure, a comparison and a number. The number is in the unit of the measure; with ``%`` it is a
        quantile over the runs.
    n : int
        Number of runs, sampled by a Sobol' sequence over the ranges; only with a model.
    over : {"judgements", "levers", "constants"}, sequence of str, or mapping
        The factors, as for `sdcluster.design`; only with a model.
    density : float
        Lowest acceptable density. PRIM shrinks a box step by step, from all runs to the smallest box. Among the boxes
        with at least this density, the one with the largest coverage is returned. If there is no such box, the one with
        the largest harmonic mean of coverage and density is returned, with a warning.
    boxes : int
        Largest number of boxes. Each further box is searched among the runs outside the earlier boxes. Bounds that
        chance alone may have moved (quasi-p above 0.05) are moved back to the end of the range.
    peel, smallest : float
        Fraction of the runs that one step removes; smallest fraction of the runs that a box may contain.
    scenario, settings, seed
        As for `sdcluster.ensemble`; only with a model.
    to, resume
        A ``.zarr`` folder to which the runs are written, and whether to resume it, as for `sdcluster.ensemble`; only
        with a model.
    progress : callable, optional
        Called with a description, the number of runs done and the total.

    Returns
    -------
    xarray.Dataset
        Dimensions ``box``, ``parameter`` and ``end`` (low, high). ``limits`` of (box, parameter, end) in the unit of
        the parameter, NaN where a box goes to the end of the range; ``quasi_p``, the probability that chance alone
        moved the bound so far; ``coverage``, ``density``, ``mass`` (share of all runs) and ``restricted`` (parameters)
        of each box; ``range`` of each parameter over all runs. ``path_coverage``, ``path_density``, ``path_restricted``
        of (box, step): all boxes from all runs to the smallest box; ``path_step``, the step from which the box was made
        by moving back the bounds that chance may have moved. ``importance`` of each parameter in the tree, which the
        attribute ``tree`` holds as text. ``samples`` of (run, parameter) and ``case`` of (run,): the runs themselves.
        Runs that failed are left out: the attribute ``failed`` counts them, and ``failure`` and ``"settings of failed
        runs"`` are as for `sdcluster.ensemble`. Runs in which the measure has no value are left out with a warning; the
        attribute ``without`` counts them. If no run beyond some value of a parameter is left, each box ends at this
        value, unless fewer than 10 runs were lost there or chance can explain it; ``quasi_p`` is then the probability
        of this chance. The attribute ``wanted_density`` is the argument `density`.

    Raises
    ------
    ModelError
        If the condition cannot be read, the runs do not have the measure, fewer than 10 runs are cases of interest,
        fewer than 10 are not, the runs do not fit into memory, or a package is missing.

    Examples
    --------
    >>> import sdcluster
    >>> found = sdcluster.discover("my_model.mdl", "final population < 100")  # doctest: +SKIP
    >>> found["limits"].sel(box=1).to_pandas().dropna(how="all")  # doctest: +SKIP
    """
    prim, tree = _libraries()
    measure, sign, text = _condition(where)
    level_of = _level(text, where)
    if not 0 < density <= 1:
        raise ModelError(message("study.density_must_lie_between", density=density))
    if boxes < 1:
        raise ModelError(message("study.least_one_box_looked", boxes=boxes))
    made = runs
    if isinstance(made, (Model, str, Path)):
        from sdcluster.study.design import design
        from sdcluster.study.ensemble import NUMBERS, ensemble
        from sdcluster.study.run_request import loaded

        model = loaded(made)
        points = design(model, n, over, seed=seed)
        # Without a store, an ensemble of more numbers leaves out the single runs.
        most = (NUMBERS if to is None else STORED) // (len(points.names) + 1)
        if len(points) > most:
            raise ModelError(
                message("study.runs_need_memory", n=len(points), most=most), file=model.path
            )
        made = ensemble(
            model,
            points,
            measures=[measure],
            scenario=scenario,
            settings=settings,
            seed=seed,
            to=to,
            resume=resume,
            progress=progress,
        )
    x, values, sampled = _table(made, measure)
    failed = int(made.attrs.get("failed", 0))
    without = made.sizes["run"] - len(values) - failed
    if not len(values) and without:
        never = why_never(measure)
        why = message("study.because_in_them", never=never) if never else ""
        raise ModelError(
            message("study.no_run_has_measure", measure=measure, runs=without, why=why)
        )
    if without:
        warnings.warn(
            message(
                "study.runs_without_measure",
                without=without,
                runs=made.sizes["run"],
                measure=measure,
            ),
            ModelWarning,
            stacklevel=3,
        )
    level = level_of(values.to_numpy())
    cases = np.asarray(SIGNS[sign](values.to_numpy(), level))
    _enough(cases, where)
    found = _boxes(prim, x, cases, density, boxes, peel, smallest)
    forced = _forced(x, sampled)
    for box in found:
        for (name, end), (limit, p) in forced.items():
            limits = box["limits"].setdefault(name, [np.nan, np.nan])
            chance = box["quasi_p"].setdefault(name, [np.nan, np.nan])
            if np.isnan(limits[end]):
                limits[end], chance[end] = limit, p
    importance, written = _tree(tree, x, cases, where, seed)
    described = _dataset(
        made, x, cases, found, importance, written, f"{measure} {sign} {level:g}", sampled
    )
    described.attrs["wanted_density"] = density
    if without:
        described.attrs["without"] = without
    for said in (_left_out(len(cases), failed, forced), _missed(found[0], density)):
        if said:
            warnings.warn(said, ModelWarning, stacklevel=3)
    return _with_failures(described, made)


def _with_failures(found: xr.Dataset, made: xr.Dataset) -> xr.Dataset:
    """Return the result with the number of failed runs, the reason of the first, and settings of failed runs."""
    listed = "settings of failed runs"
    if made.attrs.get("failed"):
        if listed in made:
            found = found.merge(made[[listed]].reset_coords(drop=True), combine_attrs="override")
        found.attrs |= {name: made.attrs[name] for name in ("failed", "failure")}
    return found


Forced = dict[tuple[str, int], tuple[float, float]]  # limit and quasi-p by parameter and end


def _forced(x: pd.DataFrame, sampled: pd.DataFrame) -> Forced:
    """Return the ends of parameters beyond which no run was left, though such runs were sampled.

    If runs were lost independently of the parameter, each of them would be lost with the same probability. The quasi-p
    is the probability that this happened to all runs beyond the end. Fewer than 10 lost runs do not limit a box.
    """
    lost = 1 - len(x) / len(sampled)
    found: Forced = {}
    for name in x.columns:
        ends = x[name].min(), x[name].max()
        beyond = int((sampled[name] < ends[0]).sum()), int((sampled[name] > ends[1]).sum())
        for end, count in enumerate(beyond):
            if count >= FEWEST and (p := lost**count) <= SURE:
                found[name, end] = float(ends[end]), p
    return found


def _left_out(runs: int, failed: int, forced: Forced) -> Message | str:
    """Return how runs without a result count, and where their absence limits the boxes; empty if it does not matter."""
    said = []
    for (name, end), (limit, _) in forced.items():
        where = plain(limit, 4)
        if end:
            said.append(message("study.no_run_left_above", name=name, limit=where))
        else:
            said.append(message("study.no_run_left_below", name=name, limit=where))
    ends = joined("", said)
    if failed:
        return message("study.failed_runs_count_nowhere", runs=runs, ends=ends)
    return message("study.runs_missing_limit_boxes", ends=ends) if forced else ""


def _missed(box: Mapping[str, Any], wanted: float) -> Message | str:
    """Return a warning if the first box is less dense than asked."""
    if box["density"] >= wanted:
        return ""
    way = box["way"]
    densest = way.iloc[int(np.argmax(way["density"].to_numpy()))]
    asked, density = f"{wanted:.0%}", f"{box['density']:.0%}"
    if densest["density"] >= wanted:
        return message("study.density_missed_by_chance", wanted=asked, density=density)
    return message(
        "study.density_missed",
        wanted=asked,
        density=density,
        densest=f"{densest['density']:.0%}",
        coverage=f"{densest['coverage']:.0%}",
    )


def _libraries() -> tuple[Any, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of packages that it could use as well
            from ema_workbench.analysis import prim
        from sklearn import tree
    except ImportError as error:
        raise ModelError(message("study.discover_needs_package_pip", error=error.name)) from None
    logging.getLogger("EMA").setLevel(logging.ERROR)
    return prim, tree


def _condition(where: str) -> tuple[str, str, str]:
    match = WHERE.match(where.strip())
    if match is None:
        raise ModelError(message("study.not_condition_write_instance", where=where))
    return match["measure"], match["sign"], match["number"]


def _level(text: str, where: str) -> Callable[[np.ndarray], float]:
    """Return a function that returns the level of a condition, given the values of the measure."""
    share = text.endswith("%")
    try:
        number = float(text.removesuffix("%"))
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (share and not 0 <= number <= 100):
        raise ModelError(message("study.neither_number_nor_share", text=text, where=where))
    if share:
        return lambda values: float(np.quantile(values, number / 100))
    return lambda _: number


def _table(made: xr.Dataset, measure: str) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    """Return factors and measure of the runs in which the measure has a value, and the factors of all runs."""
    import pandas as pd

    names = {str(n).casefold(): str(n) for n, v in made.data_vars.items() if v.dims == ("run",)}
    name = names.get(measure.casefold())
    if name is None:
        hint = did_you_mean(measure, list(names.values()))
        raise ModelError(message("study.runs_no_measure_ask", measure=measure, hint=hint))
    varied = [
        str(n)
        for n, v in made.coords.items()
        if v.dims == ("run",) and n not in ("run", "failed") and np.issubdtype(v.dtype, np.floating)
    ]
    values = pd.Series(made[name].values)
    good = np.isfinite(values.to_numpy())
    x = pd.DataFrame({n: made[n].values for n in varied})
    moving = [n for n in varied if x[n].nunique() > 1]
    left = x.loc[good, moving].reset_index(drop=True)
    return left, values[good].reset_index(drop=True), x[moving]


def _enough(cases: np.ndarray, where: str) -> None:
    count = int(cases.sum())
    if count >= FEWEST and len(cases) - count >= FEWEST:
        return
    raise ModelError(
        message(
            "study.holds_runs_least_must",
            where=where,
            count=count,
            count_2=len(cases),
            fewest=FEWEST,
        )
    )


def _boxes(
    prim: Any,
    x: pd.DataFrame,
    cases: np.ndarray,
    density: float,
    most: int,
    peel: float,
    smallest: float,
) -> list[dict[str, Any]]:
    """Return the boxes in the order in which they were found, each with the package's results for it."""
    # Runs from the threshold on are cases to the package, and boxes with such a mean are kept: which one we choose.
    search = prim.Prim(x, cases, threshold=TINY, peel_alpha=peel, mass_min=smallest)
    found: list[dict[str, Any]] = []
    while len(found) < most:
        box = search.find_box()
        if box is None or len(box.peeling_trajectory) < 2:
            break
        way = box.peeling_trajectory
        step = _chosen(way["coverage"].to_numpy(), way["density"].to_numpy(), density)
        box.select(step)
        for name in _by_chance(box.qp[box._cur_box]):
            box.drop_restriction(name)
        at = box._cur_box
        row = box.peeling_trajectory.iloc[at]
        if found and row["density"] < density:
            break
        limits = box.box_lims[at]
        restricted = [name for name in x.columns if _is_cut(limits[name], x[name])]
        if not restricted:
            break
        found.append(
            {
                "limits": {name: list(_ends(limits[name], x[name])) for name in restricted},
                "quasi_p": {name: _chance(box.qp[at].get(name, [])) for name in restricted},
                "way": way,
                "step": step,
                **{key: float(row[key]) for key in ("coverage", "density", "mass")},
            }
        )
    if not found:
        raise ModelError(message("study.no_range_varies_makes"))
    return found


def _chosen(coverage: np.ndarray, density: np.ndarray, wanted: float) -> int:
    """Return the index of the box to report; the parameter `density` of `discover` says which one it is."""
    good = np.flatnonzero(density >= wanted)
    if len(good):
        return int(good[np.argmax(coverage[good])])
    both = coverage + density
    mean = np.divide(2 * coverage * density, both, out=np.zeros_like(both), where=both > 0)
    return int(np.argmax(mean))


def _by_chance(quasi_p: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the parameters whose bounds chance alone may have moved."""
    return [
        name
        for name, ends in quasi_p.items()
        if all(
            p > SURE for p in ends if p >= 0
        )  # the package says -1 for an end that was not moved
    ]


def _chance(quasi_p: Sequence[float]) -> list[float]:
    """Return the quasi-p of both ends; the package says -1 for an end that was not moved, we NaN."""
    ends = [float(p) if p >= 0 else np.nan for p in quasi_p][:2]
    return ends + [np.nan] * (2 - len(ends))


def _is_cut(limits: pd.Series, values: pd.Series) -> bool:
    return bool(limits.iloc[0] > values.min() or limits.iloc[1] < values.max())


def _ends(limits: pd.Series, values: pd.Series) -> tuple[float, float]:
    low, high = float(limits.iloc[0]), float(limits.iloc[1])
    return low if low > values.min() else np.nan, high if high < values.max() else np.nan


def _tree(
    tree: Any, x: pd.DataFrame, cases: np.ndarray, where: str, seed: int
) -> tuple[np.ndarray, str]:
    grown = tree.DecisionTreeClassifier(
        max_depth=DEPTH, min_samples_leaf=max(1, round(LEAF * len(x))), random_state=seed
    ).fit(x.to_numpy(), cases)
    text = _written(grown.tree_, list(x.columns), 0, "")
    return grown.feature_importances_, f"{where}\n{text}"


def _written(tree: Any, names: list[str], node: int, indent: str) -> str:
    """Return a node of the tree as text: its number of runs, and the share of cases of interest among them."""
    runs = int(tree.n_node_samples[node])
    share = tree.value[node][0]
    said = f"{runs:,} runs, {share[1] / share.sum():.0%} cases"
    if tree.children_left[node] < 0:
        return f"{indent}{said}\n"
    name, level = names[tree.feature[node]], tree.threshold[node]
    below = _written(tree, names, tree.children_left[node], indent + "  ")
    above = _written(tree, names, tree.children_right[node], indent + "  ")
    return f"{indent}{said}\n{indent}{name} <= {plain(level, 4)}\n{below}{indent}{name} > {plain(level, 4)}\n{above}"


def _dataset(
    made: xr.Dataset,
    x: pd.DataFrame,
    cases: np.ndarray,
    found: list[dict[str, Any]],
    importance: np.ndarray,
    tree: str,
    where: str,
    sampled: pd.DataFrame,
) -> xr.Dataset:
    import xarray as xr

    names = list(x.columns)
    limits = np.full((len(found), len(names), 2), np.nan)
    chance = np.full_like(limits, np.nan)
    steps = max(len(box["way"]) for box in found)
    way = {key: np.full((len(found), steps), np.nan) for key in ("coverage", "density", "res_dim")}
    for i, box in enumerate(found):
        for name, ends in box["limits"].items():
            limits[i, names.index(name)] = ends
            chance[i, names.index(name)] = box["quasi_p"][name]
        for key, values in way.items():
            values[i, : len(box["way"])] = box["way"][key].to_numpy()
    units = [str(made[name].attrs.get("units", "")) for name in names]
    box_ends = ("box", "parameter", "end")
    return xr.Dataset(
        {
            "limits": (box_ends, limits),
            "quasi_p": (box_ends, chance),
            "range": (("parameter", "end"), np.stack([sampled.min(), sampled.max()], axis=1)),
            **{
                key: ("box", [box[key] for box in found]) for key in ("coverage", "density", "mass")
            },
            "restricted": ("box", [len(box["limits"]) for box in found]),
            "path_step": ("box", [box["step"] for box in found]),
            "path_coverage": (("box", "step"), way["coverage"]),
            "path_density": (("box", "step"), way["density"]),
            "path_restricted": (("box", "step"), way["res_dim"]),
            "importance": ("parameter", importance),
            "samples": (("run", "parameter"), x.to_numpy()),
            "case": ("run", cases),
        },
        coords={
            "box": np.arange(1, len(found) + 1),
            "parameter": names,
            "end": ["low", "high"],
            "units": ("parameter", units),
        },
        attrs={
            "discover": "boxes",
            "where": where,
            "runs": len(cases),
            "cases": int(cases.sum()),
            "tree": tree,
        },
    )
