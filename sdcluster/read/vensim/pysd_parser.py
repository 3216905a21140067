"""All that the reader of Vensim files takes from PySD: abstract syntax, definitions, grammars, names of functions.

No other module of the reader imports PySD, so a new version of it can be judged here. Its builders, which make
programs, are not among this.
"""

from __future__ import annotations

from pysd.translators.structures import abstract_expressions as ae
from pysd.translators.vensim import vensim_element as ve
from pysd.translators.vensim import vensim_utils as vu
from pysd.translators.vensim.vensim_structures import parsing_ops, structures

__all__ = ["ae", "parsing_ops", "structures", "ve", "vu"]
