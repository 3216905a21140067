"""Names of variables: canonical spelling, and comparison of spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from sdcluster.errors import ModelError
from sdcluster.messages import message

_BLANKS = re.compile(r"(?:\\n|[\s_\u00a0])+")


@lru_cache(maxsize=65_536)
def canonical(name: str) -> str:
    r"""Return the spelling under which a variable is looked up.

    By XMILE 1.0, section 3.2.2, the comparison ignores case and surrounding quotes. Blanks, underscores, non-breaking
    blanks and line breaks (also those written as the two characters ``\n``) count as the same character.

    >>> canonical('Birth_Rate')
    'birth rate'
    """
    if not isinstance(name, str):
        raise ModelError(message("model.name_must_text_not", name=repr(name)))
    return display(unicodedata.normalize("NFC", name)).casefold()


def display(name: str) -> str:
    r"""Return a name for display: ``\n`` and underscores become blanks, and surrounding quotes are removed."""
    if '"' not in name and "\\" not in name:
        return " ".join(name.replace("_", " ").split())
    text = name.strip()
    if len(text) > 1 and text[0] == '"' and text[-1] == '"':
        text = text[1:-1]
    return _BLANKS.sub(" ", text.replace('\\"', '"')).strip()


def spellings(names: Iterable[str]) -> dict[str, str]:
    """Return the original spelling of names by canonical name; names that are spelled canonically are left out.

    If several names have the same canonical name, the first spelling is returned.
    """
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(canonical(name), display(name))
    return {key: shown for key, shown in found.items() if key != shown}


def loose(name: str) -> str:
    """Return a canonical spelling with blanks instead of hyphens, for comparing the names of scenarios."""
    return canonical(name.replace("-", " "))
