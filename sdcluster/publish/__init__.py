"""Write pages about a model, laboratories, lessons, and models as programs.

All pages are made from a `Model` and the files next to its file. `sdcluster.publish(model, path)` writes a laboratory.
`write_page` writes one self-contained page about a model; the documentation in ``docs/book`` uses the sections of this
page separately.
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
    """The class of this package, which makes the package callable.

    Importing the package replaces the function `sdcluster.publish` by the package, so the package must be callable.
    """

    def __call__(self, *arguments: Any, **options: Any) -> Path:
        """Call the function `sdcluster.publish.laboratory.publish`."""
        from sdcluster.publish.laboratory import publish

        return publish(*arguments, **options)


sys.modules[__name__].__class__ = _Room
