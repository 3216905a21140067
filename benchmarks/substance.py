"""What tells a model from what it was, as far as numbers go: kept results outlive a change of words or layout.

Interface: a `Model` in, a digest out; the scripts that keep what they measured key it with that.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from sdcluster.model import Model
from sdcluster.model.elements import constants, may_vary


def substance(model: Model) -> str:
    """Return a digest of what decides the numbers of a model: equations, ranges, what is a judgement, the clock.

    Names in other languages, documentation (but for what it calls a judgement), units, places in the file and the
    diagram are left out.
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
