"""The internal representation of a model, which the readers create and which the compiler and all analyses use."""

from sdcluster.model.model import Dimension, Equation, Model, Range, Remark, TimeSettings, Variable
from sdcluster.model.reality import RealityCheck, TestInput
from sdcluster.model.view import View

__all__ = [
    "Dimension",
    "Equation",
    "Model",
    "Range",
    "RealityCheck",
    "Remark",
    "TestInput",
    "TimeSettings",
    "Variable",
    "View",
]
