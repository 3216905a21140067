"""Questions about trajectories: single numbers of a run, and how they move over settings.

Crosses the border: a `Model` and trajectories in, numbers and `xarray.Dataset` out.
"""

from sdcluster.measure.measures import Measure, main_variables, parse_measure, parse_measures
from sdcluster.study.sweep import Axis, parse_axis, sweep

__all__ = [
    "Axis",
    "Measure",
    "main_variables",
    "parse_axis",
    "parse_measure",
    "parse_measures",
    "sweep",
]
