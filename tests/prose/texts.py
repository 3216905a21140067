"""Which texts of the repository people read, and the prose in each file without code, names and addresses.

Interface: `files` and `prose`. The prose of a file is as long as the file, so a place in it is a place in the
file. A text is one line between two ``¶``; what a sentence holds besides words (code, a value) is ``¤``, and all
between two texts is NUL.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "*.md",
    "docs/*.md",
    "models/*.md",
    "models/*.toml",
    "notebooks/*.ipynb",
    "sdcluster/*.py",
    "sdcluster/words/*.toml",
    "frontend/src/words/*.ts",
)
PYTHON = re.compile(
    r'(?P<comment>\#[^\n]*)|(?P<prefix>[fFrRbBuU]{0,2})(?P<quote>"""|\'\'\'|"|\')(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)',
    re.DOTALL,
)
TOML = re.compile(
    r'(?P<comment>(?m:^\s*\#[^\n]*))|(?P<prefix>)(?P<quote>"""|"|\'\'\'|\')(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)',
    re.DOTALL,
)
SCRIPT = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<prefix>)(?P<quote>"|\'|`)(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)',
    re.DOTALL,
)
NOT_PROSE = re.compile(
    r"``[^`\n]+``|`[^`\n]+`"  # code
    r"|\$?\{[^{}\n]*\}"  # what a message puts in
    r"|(?<=\])\([^()\s]*\)|\bhttps?://\S+"  # addresses
    r"|</?\w[^<>\n]*>|<\w+\s[^<>\n]*\Z"  # tags, and one that another line ends
)
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^#+ [^\n]*$", re.MULTILINE)
TABLE_HEAD = re.compile(r"^\|[^\n]*\|[ ]*(?=\n\|[-: |]+\|[ ]*$)", re.MULTILINE)
RUN_IN = re.compile(r"\*\*[^*\n]{1,80}(?:[.:]\*\*|\*\*:)")
CHINESE_BREAK = re.compile(r"(?<=[\u4e00-\u9fff，。：；、）”])\n(?=[\u4e00-\u9fff（“])")
# A blank line, or the beginning of a list item, a cell, a quotation: there a text ends.
END = re.compile(r"\n(?=[ ]*\n)|\n(?=[ ]*(?:[-*+>|]|\d+\.|\.\. )[ ]?)|\|")
# What declares a parameter in a docstring.
PARAMETER = re.compile(r"^[ ]*[*\w]+(?:, [*\w]+)* : [^\n]*$", re.MULTILINE)
REMARK = re.compile(r"#[^\n]*")
EXAMPLE = re.compile(r"^[ ]*>>> [^\n]*$", re.MULTILINE)


def files() -> list[Path]:
    """Return the files with texts that people read, as git lists them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *FILES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


def gap(length: int) -> str:
    """Return what comes between two texts that are so many characters from each other."""
    return "¶" + "\0" * (length - 2) + "¶" if length > 1 else "¶" * length


def in_lines(text: str) -> str:
    """Return each paragraph, list item and cell in one line, without code, addresses and what a message puts in."""
    text = NOT_PROSE.sub(lambda m: "¤" * len(m[0]), EXAMPLE.sub(lambda m: gap(len(m[0])), text))
    text = CHINESE_BREAK.sub("\0", END.sub("¶", text))
    return text.replace("\\n", "¶¶").replace("\n", " ")


def markdown(text: str) -> str:
    """Return the prose of a page; headings and heads of tables are names, not sentences."""
    for what in (FENCE, COMMENT, HEADING, TABLE_HEAD, RUN_IN):
        text = what.sub(lambda m: gap(len(m[0])), text)
    return in_lines(text)


def strings(text: str, pattern: re.Pattern[str]) -> str:
    """Return the texts in quotation marks; those with nothing but blanks and comments between them are one."""
    parts, done, at = [], 0, 0
    for match in pattern.finditer(text):
        if match["comment"] is not None:
            continue
        between = text[done : match.start()]
        together = pattern is PYTHON and at > 0 and not REMARK.sub("", between).strip()
        skipped = match.start("text") - at
        parts.append(" " * skipped if together else gap(skipped))
        words = PARAMETER.sub(lambda m: gap(len(m[0])), match["text"])
        parts.append(in_lines(words) if " " in words or "。" in words else "¤" * len(words))
        done, at = match.end(), match.end("text")
    parts.append(gap(len(text) - at))
    return "".join(parts)


def notebook(text: str) -> str:
    """Return the prose of the Markdown cells; each line of a cell is a string of its own in the file."""
    parts, done = [], 0
    for cell in json.loads(text)["cells"]:
        for number, line in enumerate(cell["source"]):
            quoted = json.dumps(line, ensure_ascii=False)[1:-1]
            start = text.index(quoted, done)
            parts.append(" " * (start - done) if number else gap(start - done))
            told = cell["cell_type"] == "markdown" and not line.startswith("#")
            ended = quoted.removesuffix("\\n")
            parts.append(in_lines(ended) + "  " * (ended != quoted) if told else gap(len(quoted)))
            done = start + len(quoted)
    return "".join(parts) + gap(len(text) - done)


def prose(path: Path, text: str) -> str:
    """Return the prose of a file, as long as its text."""
    match path.suffix:
        case ".md":
            return markdown(text)
        case ".ipynb":
            return notebook(text)
        case ".py":
            return strings(text, PYTHON)
        case ".toml":
            return strings(text, TOML)
        case ".ts":
            return strings(text, SCRIPT)
    raise ValueError(f"{path}: no texts are known in files of this kind")
