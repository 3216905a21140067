"""Running kernels: fixed step, scipy's adaptive solvers, and the datasets they give."""

from sdcluster.solve.adaptive import Event
from sdcluster.solve.simulator import Simulator, simulate

__all__ = ["Event", "Simulator", "simulate"]
