"""Reference tables made from the program itself: commands, lint checks, kinds of assertion, and measures.

Each table is Markdown. A page shows it at the place of a comment such as ``<!-- made: rules -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from inspect import cleandoc
from typing import Any

import typer

from docs.book.messages import tables
from docs.book.reference_zh import BEHAVIOUR, RULES_IN_ORDER
from docs.book.schemas import keys
from sdcluster.checks.vocabulary import KINDS
from sdcluster.cli import app
from sdcluster.lint import RULES
from sdcluster.measure.words import WORDS, Word

UNITS = {
    "variable": "the variable's",
    "moment": "time",
    "duration": "time",
    "share": "share",
    "percent": "%",
    "count": "",
    "number": "",
}
UNITS_IN_CHINESE = UNITS | {
    "variable": "与变量相同",
    "moment": "时间",
    "duration": "时间",
    "share": "比例",
}
PLACE = re.compile(r"<!-- made: (\w+) -->")


def filled(text: str, language: str = "en") -> str:
    """Return a page in which the tables replace the comments that ask for them."""
    made = MADE if language == "en" else MADE | MADE_IN_CHINESE
    return PLACE.sub(lambda found: made[found.group(1)](), text)


def commands() -> str:
    """Return every command with its arguments, options and examples."""
    group: Any = typer.main.get_command(app)
    return "\n\n".join(_command(name, command) for name, command in group.commands.items())


def _command(name: str, command: Any) -> str:
    """Return the Markdown section about a command."""
    text, _, examples = cleandoc(command.help or "").partition("\b")
    lines = [line for line in examples.splitlines() if line.strip() and "Examples:" not in line]
    shown = cleandoc("\n" + "\n".join(lines))
    parts = [f"## {name}", " ".join(text.split())]
    if shown:
        parts.append(f"```console\n{shown}\n```")
    rows = [row for one in command.params if (row := _parameter(one))]
    if rows:
        parts.append("| | |\n|---|---|\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _parameter(one: Any) -> str:
    if getattr(one, "hidden", False) or one.name == "help":
        return ""
    metavar = one.metavar or one.name.upper()
    if one.opts[0].startswith("-"):
        spelled = ", ".join(f"`{o}`" for o in (*one.opts, *one.secondary_opts))
        spelled += "" if isinstance(one.default, bool) else f" {metavar}"
    else:
        spelled = f"`{metavar}`"
    text = (getattr(one, "help", "") or "").replace("\\[", "[").strip()
    default = one.default
    if one.show_default and default not in (None, False, (), [], "") and not callable(default):
        text += f" Default: `{getattr(default, 'value', default)}`."
    return f"| {_cell(spelled)} | {_cell(text)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def rules() -> str:
    """Return the table of the checks of ``sdcluster lint``."""
    rows = [f"| `{r.name}` | {r.meaning} | {'yes' if r.runs else ''} |" for r in RULES]
    return "| check | requirement | runs the model |\n|---|---|---|\n" + "\n".join(rows)


def rules_in_chinese() -> str:
    """Return the table of the checks of ``sdcluster lint`` in Chinese."""
    rows = [f"| `{r.name}` | {RULES_IN_ORDER[r.name]} | {'是' if r.runs else ''} |" for r in RULES]
    return "| 检查项 | 怎样算合格 | 需要运行模型 |\n|---|---|---|\n" + "\n".join(rows)


def kinds() -> dict[str, str]:
    """Return the description of each kind of assertion in ``behaviour.toml``."""
    return {
        kind: " ".join(cleandoc(word.__doc__ or "").replace("``", "`").split())
        for kind, word in KINDS.items()
    }


def behaviour() -> str:
    """Return the kinds of assertion as a Markdown definition list."""
    return "\n\n".join(f"`{kind}`\n: {text}" for kind, text in kinds().items())


def behaviour_in_chinese() -> str:
    """Return the kinds of assertion as a Markdown definition list in Chinese."""
    return "\n\n".join(f"`{kind}`\n: {BEHAVIOUR[kind]}" for kind in KINDS)


def measures() -> str:
    """Return the table of the words for measures, each of which computes a number from a run."""
    rows = [
        f"| `{w.name}`{_needed(w)} | {_blank(w.says('en'))} | {UNITS[w.unit]} |"
        for w in WORDS.values()
    ]
    return "| word | meaning | unit |\n|---|---|---|\n" + "\n".join(rows)


def measures_in_chinese() -> str:
    """Return the table of the words for measures in Chinese."""
    rows = [
        f"| `{w.name}`{_needed(w)} | {_blank(w.says('zh'))} | {UNITS_IN_CHINESE[w.unit]} |"
        for w in WORDS.values()
    ]
    return "| 词 | 含义 | 单位 |\n|---|---|---|\n" + "\n".join(rows)


def _needed(word: Word) -> str:
    return f" *{word.needs}*" if word.needs else ""


def _blank(text: str) -> str:
    return text.format(level="*level*", on="*on*")


MADE: dict[str, Callable[[], str]] = {
    "commands": commands,
    "rules": rules,
    "behaviour": behaviour,
    "measures": measures,
    "files": keys,
    "messages": tables,
}
MADE_IN_CHINESE: dict[str, Callable[[], str]] = {
    "rules": rules_in_chinese,
    "behaviour": behaviour_in_chinese,
    "measures": measures_in_chinese,
}
