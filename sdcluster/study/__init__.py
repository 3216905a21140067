"""Studies of many runs: sweeps, ensembles, experiments, sensitivity and calibration.

Interface: a `Model` and its project's files in; verdicts and `xarray.Dataset` out.
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
