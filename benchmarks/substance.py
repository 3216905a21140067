"""A digest of everything in a model that decides its numbers, so that stored results stay valid if only words change.

Benchmarks store each result with the digest of its model, and compute it again if the digest changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sdcluster.model import Model
from sdcluster.model.elements import constants, may_vary


def substance(model: Model) -> str:
    """Return a digest of the parts of a model that decide its numbers: equations, ranges, judgements and time settings.

    Left out are translated names, documentation (except whether it calls a constant a judgement), units, line numbers
    and the diagram.
    """
    bare = [
        replace(
            v, units="", doc="", line=None, labels={}, docs={}, element_labels={}, element_docs={}
        )
        for v in model.variables.values()
    ]
    guessed = [element.name for element, _ in constants(model) if may_vary(model, element)]
    text = f"{bare!r} {guessed!r} {model.time!r} {model.dimensions!r}"
    return hashlib.sha256(text.encode()).hexdigest()
