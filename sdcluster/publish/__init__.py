"""Pages about a model, laboratories, and models exported as programs.

Interface: a `Model` (and the files next to it) in, HTML out. `write_page` writes one self-contained file; the
book in ``docs/book`` uses the same sections one by one. `sdcluster.publish(model, path)` writes a laboratory.
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
    """A callable package: importing it replaces the function `sdcluster.publish` by the package."""

    def __call__(self, *arguments: Any, **options: Any) -> Path:
        """Call `sdcluster.publish.laboratory.publish`."""
        from sdcluster.publish.laboratory import publish

        return publish(*arguments, **options)


sys.modules[__name__].__class__ = _Room
