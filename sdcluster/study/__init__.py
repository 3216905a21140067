"""Studies of many runs: sweeps, ensembles, experiments, sensitivity and calibration.

The studies take a `Model` and the files of its project, and return verdicts or an `xarray.Dataset`.
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
