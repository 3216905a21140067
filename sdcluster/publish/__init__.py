"""Pages about a model, made from its files, laboratories, and models as programs.

Crosses the border: a `Model` (and what lies beside its file) in, HTML out. `write_page` makes one file that needs
nothing else; the book in ``docs/book`` takes the same sections one by one. `sdcluster.publish(model, path)` writes a
laboratory.
"""

import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sdcluster.lazy import lazy

__all__ = ["Edition", "write_page"]

if TYPE_CHECKING:
    from sdcluster.publish.edition import Edition
    from sdcluster.publish.model_page import write_page

_HOMES = {"Edition": "sdcluster.publish.edition", "write_page": "sdcluster.publish.model_page"}
__getattr__, __dir__ = lazy(__name__, _HOMES)


class _Room(ModuleType):
    """The package, which can be called: Python puts it over the function `sdcluster.publish` on its first import."""

    def __call__(self, *arguments: Any, **options: Any) -> Path:
        """Do what `sdcluster.publish.laboratory.publish` does."""
        from sdcluster.publish.laboratory import publish

        return publish(*arguments, **options)


sys.modules[__name__].__class__ = _Room
