"""Argument orders of calls that differ from the argument orders of our own functions.

The mapping `VENSIM` is keyed by the spelling that the reader looks up. The mapping `XMILE` is keyed by spelling and
number of arguments.

Such calls are delays and smooths of order n, pulses, and calls that omit arguments. The values of these mappings are
called forms. A form consists of the name of our function and one item for each argument of our function. An int is the
index of an argument in the call of the model file. A float is a constant that the reader inserts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Form = tuple[str | int | float, ...]

VENSIM: Mapping[str, Form] = {
    "initial": ("initial", 0),
    "allocate_available": ("allocate available", 0, 1, 2),
    "allocate_by_priority": ("allocate by priority", 0, 1, 2, 3, 4),
    "delay1": ("delay", 0, 1, 0, 1.0),
    "delay1i": ("delay", 0, 1, 2, 1.0),
    "delay3": ("delay", 0, 1, 0, 3.0),
    "delay3i": ("delay", 0, 1, 2, 3.0),
    "delay_n": ("delay n", 0, 1, 2, 3),
    "delay_fixed": ("delay fixed", 0, 1, 2),
    "smooth": ("smooth", 0, 1, 0, 1.0),
    "smoothi": ("smooth", 0, 1, 2, 1.0),
    "smooth3": ("smooth", 0, 1, 0, 3.0),
    "smooth3i": ("smooth", 0, 1, 2, 3.0),
    "smooth_n": ("smooth n", 0, 1, 2, 3),
    "trend": ("trend", 0, 1, 2),
    "forecast": ("forecast", 0, 1, 2, 0.0),
    "pulse_train": ("pulse train", 0, 2, 1, 3),
    "sample_if_true": ("sample if true", 0, 1, 2),
}

# XMILE 1.0, section 3.5. The inner key is the number of arguments, because the meaning of some names depends on it.
XMILE: Mapping[str, Mapping[int, Form]] = {
    "init": {1: ("initial", 0)},
    "max": {1: ("vmax", 0), 2: ("max", 0, 1)},
    "min": {1: ("vmin", 0), 2: ("min", 0, 1)},
    "safediv": {2: ("zidz", 0, 1), 3: ("xidz", 0, 1, 2)},
    "ramp": {2: ("ramp", 0, 1, math.inf), 3: ("ramp", 0, 1, 2)},
    "pulse": {2: ("impulse", 1, 0), 3: ("impulse train", 1, 2, 0)},
    "delay": {2: ("delay fixed", 0, 1, 0), 3: ("delay fixed", 0, 1, 2)},
    "delay1": {2: ("delay", 0, 1, 0, 1.0), 3: ("delay", 0, 1, 2, 1.0)},
    "delay3": {2: ("delay", 0, 1, 0, 3.0), 3: ("delay", 0, 1, 2, 3.0)},
    "delayn": {3: ("delay", 0, 1, 0, 2), 4: ("delay", 0, 1, 3, 2)},
    "smth1": {2: ("smooth", 0, 1, 0, 1.0), 3: ("smooth", 0, 1, 2, 1.0)},
    "smth3": {2: ("smooth", 0, 1, 0, 3.0), 3: ("smooth", 0, 1, 2, 3.0)},
    "smthn": {3: ("smooth", 0, 1, 0, 2), 4: ("smooth", 0, 1, 3, 2)},
    "trend": {2: ("trend", 0, 1, 0.0), 3: ("trend", 0, 1, 2)},
    "forcst": {3: ("forecast", 0, 1, 2, 0.0), 4: ("forecast", 0, 1, 2, 3)},
}
