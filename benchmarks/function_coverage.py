# ruff: noqa: E501 - lines of the page and of models
"""Try every function in the manuals of Vensim and Stella, and write docs/evidence/coverage.md.

`manuals.toml` lists the functions by section, with the page of the manual that describes each function. The script
reads and runs each function in a small model, so that the page shows results of tests: supported, refused or unknown.
If a function is refused, the page shows the error message.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evidence" / "coverage.md"

MANUALS = Path(__file__).with_name("manuals.toml")
UNKNOWN = "is not a function that sdcluster knows"

MDL = """{{UTF-8}}
{}
~~|
d: p, q ~~|
a = 3 ~~|
b = a * Time ~~|
c[d] = b ~~|
s = INTEG(f, 1) ~~|
f = s / 9 ~~|
g((0,0),(1,3),(2,5)) ~~|
FINAL TIME = 4 ~Month~|
INITIAL TIME = 0 ~Month~|
SAVEPER = TIME STEP ~Month~|
TIME STEP = 1 ~Month~|
"""
XML = """<xmile version="1.0" xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0">
<sim_specs><start>0</start><stop>4</stop><dt>1</dt></sim_specs>
<dimensions><dim name="d"><elem name="p"/><elem name="q"/></dim><dim name="e" size="3"/></dimensions><model><variables>
<aux name="a"><eqn>3</eqn></aux><aux name="b"><eqn>a * TIME</eqn></aux>
<aux name="c"><dimensions><dim name="d"/></dimensions><eqn>b + a</eqn></aux>
<aux name="e2"><dimensions><dim name="d"/><dim name="e"/></dimensions><eqn>b + d + e</eqn></aux>
<stock name="s"><eqn>1</eqn><inflow>f</inflow></stock><stock name="w"><eqn>2</eqn><queue/></stock><flow name="f"><eqn>s / 9</eqn></flow>
<stock name="v"><eqn>2</eqn><inflow>in</inflow><outflow>out</outflow><conveyor><len>2</len><capacity>9</capacity></conveyor></stock>
<flow name="in"><eqn>1</eqn></flow><flow name="out"/><gf name="g"><xpts>0,1,2</xpts><ypts>0,3,5</ypts></gf><aux name="x"><eqn>{}</eqn></aux>
</variables></model></xmile>"""


def tables(folder: Path) -> None:
    """Write the tables that the functions for external data read."""
    from openpyxl import Workbook

    (folder / "t.csv").write_text("time,value\n0,1\n4,9\n")
    (folder / "n.csv").write_text("one\ntwo\n")
    book = Workbook()
    sheet = book.active
    sheet.title = "S"
    for row in (("time", "value", "one"), (0, 1, "two"), (4, 9, None)):
        sheet.append(row)
    book.save(folder / "t.xlsx")


def tried(folder: Path, suffix: str, text: str) -> str:
    """Read and run a model; return the error message, or an empty text if there is no error."""
    import sdcluster
    from sdcluster.checks.reality import judge

    file = folder / f"m{suffix}"
    file.write_text(text, encoding="utf-8")
    try:
        model = sdcluster.load(file)
        values = dict.fromkeys(model.without_data, 1.0)  # for variables without equation or data
        sdcluster.simulate(model, method="euler", backend="python", settings=values)
        for check in model.reality_checks:
            if check.problem:
                return check.problem
            judge(model, check)
    except (sdcluster.ModelError, sdcluster.SimulationError) as error:
        return getattr(error, "sentence", str(error)) or "refused"
    return ""


def listed() -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """Return the manual's page and a sample for each function, by language, section and function."""
    lists = tomllib.loads(MANUALS.read_text(encoding="utf-8"))
    return {language: lists[language] for language in ("Vensim", "XMILE")}


Row = tuple[str, str, str, str]


def measure() -> dict[str, dict[str, list[Row]]]:
    """Try all functions, and return (name, page, verdict, reason) by language and section."""
    found: dict[str, dict[str, list[Row]]] = {}
    before = os.environ.get("SDCLUSTER_CACHE")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["SDCLUSTER_CACHE"] = str(folder / "cache")
        tables(folder)
        for language, sections in listed().items():
            for section, functions in sections.items():
                rows = found.setdefault(language, {}).setdefault(section, [])
                for function, row in functions.items():
                    vensim = language == "Vensim"
                    text = MDL.format(_definitions(row["try"])) if vensim else _xmile(row["try"])
                    sentence = tried(folder, ".mdl" if vensim else ".xmile", text)
                    rows.append((function, row["page"], *_verdict(sentence)))
        if before is None:
            del os.environ["SDCLUSTER_CACHE"]
        else:
            os.environ["SDCLUSTER_CACHE"] = before
    return found


def _definitions(sample: str) -> str:
    whole = ":MACRO:" in sample or sample.endswith("|")
    return sample if whole else "\n~~|\n".join(sample.split("\n"))


def _xmile(sample: str) -> str:
    """Return a model whose variable x has the sample as its equation; "x[d] = " before the sample makes x an array."""
    equation = sample.removeprefix("x[d] = ")
    text = XML.format(escape(equation))
    array = '<aux name="x"><dimensions><dim name="d"/></dimensions>'
    return text if equation == sample else text.replace('<aux name="x">', array)


def _verdict(sentence: str) -> tuple[str, str]:
    if not sentence:
        return "supported", ""
    plain = re.sub(r'^variable "[^"]*": ', "", sentence).replace("|", "\\|")
    return ("unknown", "") if UNKNOWN in sentence else ("refused", plain)


def page(found: dict[str, dict[str, list[Row]]]) -> str:
    """Return the text of docs/evidence/coverage.md."""
    opened = set(tomllib.loads(MANUALS.read_text(encoding="utf-8"))["opened"])
    lines = [
        "# Coverage", "",
        "Written by `benchmarks/function_coverage.py`; do not edit. The script reads and runs each function of the manuals of Vensim",
        "and Stella (and of XMILE 1.0) in a small model. *Supported* means that the model ran. *Refused* means that the program gave",
        "the error shown here, with line and variable. *Unknown* means that sdcluster has no entry for the function in its table of",
        "functions; such a function gives an error, too.", "",
        "The names, pages and argument orders come from stored copies of the manuals, which hold the first 2,000 characters of",
        "each page. The following lists in the manuals name many of the functions:", "",
        "- Vensim's reference guide (vensim.com/documentation): the summary of functions (22300.html) from A FUNCTION OF to",
        "  DELAY PROFILE, and all keywords (keywords.html);",
        "- Stella's help (iseesystems.com/resources/help, Reference, Builtins): the lists of the statistical builtins (version 10), of",
        "  the discrete builtins (versions 1 and 10, and STELLA 8) and of the special functions (version 9).", "",
        "All other functions come from their own pages of the manual. Stella's other sections are only partly covered. A question",
        "mark means that we could not open the page. The name of its function then comes from other pages or from models, and the",
        "name of the page is a guess that follows the manual's pattern. So a function may be missing here; if you know one, please",
        "tell us.", "",
        "| language | supported | refused | unknown |", "|---|---:|---:|---:|",
    ]  # fmt: skip
    for language, sections in found.items():
        counts = Counter(row[2] for rows in sections.values() for row in rows)
        numbers = " | ".join(str(counts[v]) for v in ("supported", "refused", "unknown"))
        lines.append(f"| {language} | {numbers} |")
    for language, sections in found.items():
        lines += ["", f"## {language}"]
        for section, rows in sections.items():
            lines += ["", f"### {language}: {section}", ""]
            lines += ["| function | page | result | error |", "|---|---|---|---|"]
            for name, where, verdict, why in rows:
                sure = "" if where in opened else " ?"
                lines.append(f"| {name} | {where}{sure} | {verdict} | {why} |")
    from sdcluster.functions.table import FUNCTIONS

    lines += [
        "",
        "## What each function means here",
        "",
        "The arguments are in parentheses in their order, unless the description makes them obvious.",
        "",
        "| name | XMILE | Vensim | meaning |",
        "|---|---|---|---|",
    ]
    for row in FUNCTIONS.values():
        meaning = row.meaning.replace("|", chr(92) + "|")
        lines.append(f"| {row.name} | {row.xmile} | {row.vensim} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = page(measure())
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
