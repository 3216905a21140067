"""What both of Vensim's grammars need: PySD's rules with some replaced, and errors as one sentence.

Crosses the border: `changed(source, rules)`, `readable(text)`, `check_nesting(text)`.
"""

from __future__ import annotations

from typing import Any

import parsimonious

from sdcluster.errors import ModelError
from sdcluster.read.vensim.numbers import short
from sdcluster.read.vensim.typos import remedy
from sdcluster.recursion import deep_recursion

MAX_NESTING = 100


def changed(source: str, rules: dict[str, str]) -> str:
    """Return a grammar with `rules` in place of those of the same name."""
    kept = [line for line in source.splitlines() if line.partition("=")[0].strip() not in rules]
    first = next(i for i, line in enumerate(source.splitlines()) if "=" in line and line[0] != "#")
    start = source.splitlines()[first].partition("=")[0].strip()
    lines = {name: f"{name} = {rule}" for name, rule in rules.items()}
    # The first rule is where parsing starts.
    return "\n".join(([lines.pop(start)] if start in lines else []) + kept + list(lines.values()))


def check_nesting(text: str) -> None:
    """Refuse what nests too deeply to be parsed.

    Raises
    ------
    ModelError
        Without file and line: the caller adds them.
    """
    depth = deepest = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise ModelError(
            f"the equation nests {deepest} parentheses; more than {MAX_NESTING} are not read, "
            "split it into several variables"
        )


class readable:
    """Turns what parsimonious raises inside the block into one sentence."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.deep = deep_recursion()

    def __enter__(self) -> None:
        self.deep.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.deep.__exit__(None, None, None)
        if error is None or isinstance(error, ModelError) or not isinstance(error, Exception):
            return
        raise _sentence(error, self.text) from None


def _sentence(error: Exception, text: str) -> ModelError:
    if isinstance(error, RecursionError):
        return ModelError(f'the equation "{short(text)}" is nested too deeply')
    if isinstance(error, parsimonious.exceptions.VisitationError):
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ModelError):
            return cause
        if isinstance(cause, RecursionError):
            return ModelError(f'the equation "{short(text)}" is nested too deeply')
        lines = str(cause or error).splitlines()
        return ModelError(f"the equation cannot be understood: {lines[0] if lines else error}")
    position = getattr(error, "pos", 0)
    rest = text[position:]
    found = f'at "{rest[:20]}"' if rest.strip() else "at its end"
    sentence = f'the equation "{short(text)}" cannot be understood {found}{remedy(text, rest)}'
    return ModelError(sentence)
