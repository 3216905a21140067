"""Whether what sdcluster writes gives the same numbers when sdcluster and PySD read it, model by model.

``python benchmarks/written.py [--suite FOLDER] [--only TEXT]`` writes docs/evidence/written.md. Each model of the
SDXorg suite and of models/ is written twice. The standard's file is read by sdcluster, and its numbers must be those
of the model; the file for PySD is read by PySD, and its numbers must be those of the model at all times that both save.
Reasons for
what remains stand in written_reasons.toml.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

import sdcluster
from sdcluster.errors import ModelError
from sdcluster.model import Model
from sdcluster.model.names import canonical

try:
    from benchmarks import suite as public
except ImportError:
    import suite as public  # type: ignore[no-redef]

REASONS = Path(__file__).with_name("written_reasons.toml")
PAGE = public.ROOT / "docs" / "evidence" / "written.md"
TOLERANCE = 1e-6  # relative or absolute
MISSING = -6e32  # Vensim's :NA: lies below
_NAME = "{https://sdcluster.org/ns/1}name"
_COLUMN = re.compile(r"(?P<name>.*?)(?P<place>\[[^\[\]]*\])?\Z", re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """What came of one model.

    Parameters
    ----------
    ours, pysd : str
        Empty where the numbers are the same, else what is wrong in one sentence.
    refused : bool
        Whether the file for PySD was not written, with that sentence.
    """

    ours: str
    pysd: str
    refused: bool = False

    @property
    def word(self) -> str:
        """What PySD makes of the model, in one word."""
        if not self.pysd:
            return "same"
        return (
            "not written"
            if self.refused
            else "differs"
            if self.pysd.startswith("differs")
            else "fails"
        )


def models(suite: Path = public.SUITE, only: str = "") -> list[Path]:
    """Return all models that run: those of the public suite, and ours."""
    found = [p for p in suite.rglob("*") if p.suffix.lower() in public.ENDINGS]
    ours = [p for p in (public.ROOT / "models").rglob("*") if p.suffix.lower() in public.ENDINGS]
    return [p for p in sorted(found) + sorted(ours) if only in str(p) and not public.refusal(p)]


def relative(file: Path, suite: Path = public.SUITE) -> str:
    """Return the path of a model as the page and the reasons have it."""
    root = suite if file.is_relative_to(suite) else public.ROOT
    return file.relative_to(root).as_posix()


def judge(file: Path, folder: Path | None = None) -> Verdict:
    """Write a model for both readers, in a folder of its own, and compare.

    Parameters
    ----------
    file : Path
    folder : Path, optional
        For the files; a temporary one where it is not given.
    """
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            return judge(file, Path(made))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sdcluster.load(file)
        wanted = run(model)
        again = run(sdcluster.load(model.to_xmile(folder / "standard.xmile")))
        ours = compared(wanted, again)
        try:
            written = model.to_xmile(folder / "for_pysd.xmile", reader="pysd")
        except ModelError as error:
            return Verdict(ours, error.sentence, refused=True)
        try:
            theirs = by_pysd(written)
        except Exception as error:
            return Verdict(ours, f"{type(error).__name__}: {_first_line(error)}")
        return Verdict(ours, compared(wanted, theirs))


def run(model: Model) -> public.Columns:
    """Return all trajectories of a run by Euler's method, which is all that PySD knows."""
    return public.columns_of(model, sdcluster.simulate(model, method="euler", backend="python"))


def by_pysd(file: Path) -> public.Columns:
    """Return all trajectories of PySD's run of a file, by the names that variables have in the model."""
    import pysd

    frame = pysd.read_xmile(str(file)).run()
    written = {
        canonical(node.get("name", "")): canonical(node.get(_NAME, ""))
        for node in etree.parse(file).iter("{*}aux", "{*}flow", "{*}stock", "{*}gf")
        if node.get(_NAME)
    }
    columns = {"time": frame.index.to_numpy(dtype=float)}
    for column in frame.columns:
        values = frame[column]
        match = _COLUMN.match(column)
        assert match is not None
        place = match["place"] or ""
        name = canonical(match["name"])
        elements = ",".join(canonical(e) for e in place.strip("[]").split(","))
        key = written.get(name, name) + (f"[{elements}]" if place else "")
        columns[key] = values.to_numpy(dtype=float)
    return columns


def compared(wanted: public.Columns, found: public.Columns) -> str:
    """Return where numbers differ, in one sentence; empty if they do not.

    Parameters
    ----------
    wanted, found : dict of str to ndarray, shape (T,)
        ``time`` among them; of the times that both have.
    """
    times, others = (np.round(c["time"], 9) for c in (wanted, found))
    common, ours, theirs = np.intersect1d(times, others, return_indices=True)
    if len(common) < min(len(times), len(others)):
        return f"differs in its times: {len(common)} of {len(times)} in common"
    for name, values in wanted.items():
        if name == "time":
            continue
        if name not in found:
            return f'differs: "{name}" is missing'
        a, b = (_without_missing(v) for v in (values[ours], found[name][theirs]))
        if not np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            at = int(np.argmax(~np.isclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)))
            return f'differs in "{name}" at time {common[at]:g}: {b[at]:g} instead of {a[at]:g}'
    return ""


def _without_missing(values: np.ndarray) -> np.ndarray:
    return np.where(values <= MISSING, np.nan, values)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def reasons() -> dict[str, str]:
    """Return why PySD does not have the numbers of some models, by their relative path."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))["models"]


def page(verdicts: dict[str, Verdict]) -> str:
    """Return the content of docs/evidence/written.md."""
    counts = {
        ending: Counter(v.word for name, v in verdicts.items() if name.lower().endswith(ending))
        for ending in public.ENDINGS
    }
    known = reasons()
    exact = sum(not v.ours for v in verdicts.values())
    lines = [
        "# Written files, read again", "",
        "Written by `benchmarks/written.py`; do not edit. `Model.to_xmile` writes every runnable model of the "
        "public SDXorg test suite and of `models/` as two XMILE",
        "files: a standard file, which sdcluster reads again, and a file for PySD (`--for pysd`), which PySD reads.",
        f"Both results must agree with a run of the original model to {TOLERANCE:g}, at all times that both save.",
        "",
        f"sdcluster reads {exact} of {len(verdicts)} models with the same numbers. The table shows the results "
        f"of PySD by the format of the original file:", "",
        "| | " + " | ".join(f"`{e}` ({counts[e].total()})" for e in public.ENDINGS) + " |",
        "|---|" + "---:|" * len(public.ENDINGS),
    ]  # fmt: skip
    for word in ("same", "not written", "differs", "fails"):
        cells = " | ".join(str(counts[e][word]) for e in public.ENDINGS)
        lines.append(f"| {word} | {cells} |")
    lines += [
        "", "*Not written* means that sdcluster writes no file; an error says which variable PySD cannot read, "
        "and why.", "",
        "## What PySD does not read with the same numbers", "", "| model | result | reason |", "|---|---|---|",
    ]  # fmt: skip
    for name, verdict in verdicts.items():
        if verdict.pysd:
            why = known.get(name, "") or verdict.pysd
            lines.append(f"| {name} | {verdict.word} | {_cell(why)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:300]


def measure(files: Iterable[Path], processes: int = 2) -> dict[str, Verdict]:
    """Judge models, several at a time, and print each as it comes."""
    found = {}
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(judge, file): relative(file) for file in files}
        for done in as_completed(waiting):
            name, verdict = waiting[done], done.result()
            found[name] = verdict
            print(
                f"{len(found):4d} {verdict.word:12s} {name} {verdict.ours} {verdict.pysd}",
                flush=True,
            )
    return dict(sorted(found.items()))


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--only", default="")
    words.add_argument("--processes", type=int, default=2)
    chosen = words.parse_args()
    files = models(only=chosen.only)
    if not files:
        raise SystemExit(public.ABSENT)
    verdicts = measure(files, chosen.processes)
    print(Counter(v.word for v in verdicts.values()))
    if not chosen.only:
        PAGE.write_text(page(verdicts), encoding="utf-8")


if __name__ == "__main__":
    main()
