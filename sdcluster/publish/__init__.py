"""Pages about a model, made from its files: equations, diagram, units, loops, scenarios, behaviour.

Crosses the border: a `Model` (and what lies beside its file) in, HTML out. `write_page` makes one file that needs
nothing else; the book in ``docs/book`` takes the same sections one by one.
"""

from sdcluster.publish.edition import Edition
from sdcluster.publish.page import write_page

__all__ = ["Edition", "write_page"]
