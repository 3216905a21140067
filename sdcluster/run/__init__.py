"""Running kernels: fixed step, scipy's adaptive solvers, and the datasets they give."""

from sdcluster.run.adaptive import Event
from sdcluster.run.simulator import Simulator, simulate

__all__ = ["Event", "Simulator", "simulate"]
