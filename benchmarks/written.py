"""Check that files written by sdcluster give the same numbers when sdcluster and PySD read them.

``python benchmarks/written.py [--suite FOLDER] [--only TEXT]`` writes docs/evidence/written.md. Each model of the
SDXorg suite and of models/ is written twice: as standard XMILE, which sdcluster reads again, and as XMILE for PySD,
which PySD reads. The numbers of both must be those of the original model, for PySD at all times that both programs
save. written_reasons.toml explains the differences that remain.
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
MISSING = -6e32  # smaller values are Vensim's :NA:
_NAME = "{https://sdcluster.org/ns/1}name"
_COLUMN = re.compile(r"(?P<name>.*?)(?P<place>\[[^\[\]]*\])?\Z", re.DOTALL)


@dataclass(frozen=True)
class Verdict:
    """The result of one model.

    Parameters
    ----------
    ours, pysd : str
        Empty if sdcluster or PySD computes the same numbers as for the original model, otherwise a sentence about the
        difference.
    refused : bool
        True if sdcluster refuses to write the file for PySD; then `pysd` is the error message.
    """

    ours: str
    pysd: str
    refused: bool = False

    @property
    def word(self) -> str:
        """PySD's result in one or two words."""
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
    """Return all models of the public suite and of models/ that can be run."""
    found = [p for p in suite.rglob("*") if p.suffix.lower() in public.ENDINGS]
    ours = [p for p in (public.ROOT / "models").rglob("*") if p.suffix.lower() in public.ENDINGS]
    return [p for p in sorted(found) + sorted(ours) if only in str(p) and not public.refusal(p)]


def relative(file: Path, suite: Path = public.SUITE) -> str:
    """Return the path of a model as it is shown on the page and in written_reasons.toml."""
    root = suite if file.is_relative_to(suite) else public.ROOT
    return file.relative_to(root).as_posix()


def judge(file: Path, folder: Path | None = None) -> Verdict:
    """Write a model for both readers and compare their runs with that of the model.

    Parameters
    ----------
    file : Path
    folder : Path, optional
        The folder for the written files; by default, a temporary folder.
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
    """Return all trajectories of an Euler run; PySD has no other method."""
    return public.columns_of(model, sdcluster.simulate(model, method="euler", backend="python"))


def by_pysd(file: Path) -> public.Columns:
    """Return all trajectories of PySD's run of a file, by the names that the variables have in the original model."""
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
    """Return a sentence about the first difference; empty if there is none.

    Parameters
    ----------
    wanted, found : dict of str to ndarray, shape (T,)
        Trajectories by name, with the times under ``time``. Only times that both have are compared.
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
    """Return why PySD's numbers differ for some models, by the relative path of the model."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8"))["models"]


def page(verdicts: dict[str, Verdict]) -> str:
    """Return the text of docs/evidence/written.md."""
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
        "files. sdcluster reads the first file, which is standard XMILE. PySD reads the second file, which is written",
        "for PySD (`--for pysd`).",
        f"The runs of both files must agree with a run of the original model to {TOLERANCE:g}, at all saved times that",
        "the runs have in common.", "",
        f"For {exact} of {len(verdicts)} models, sdcluster computes the same numbers from the standard file. The table "
        "shows the results of PySD, by the format of the original file:", "",
        "| | " + " | ".join(f"`{e}` ({counts[e].total()})" for e in public.ENDINGS) + " |",
        "|---|" + "---:|" * len(public.ENDINGS),
    ]  # fmt: skip
    for word in ("same", "not written", "differs", "fails"):
        cells = " | ".join(str(counts[e][word]) for e in public.ENDINGS)
        lines.append(f"| {word} | {cells} |")
    lines += [
        "", "*Not written* means that sdcluster writes no file for PySD; an error says which variable PySD cannot "
        "read, and why. *Fails* means that PySD gives an error.", "",
        "## Models without the same numbers in PySD", "", "| model | result | reason |", "|---|---|---|",
    ]  # fmt: skip
    for name, verdict in verdicts.items():
        if verdict.pysd:
            why = known.get(name, "") or verdict.pysd
            lines.append(f"| {name} | {verdict.word} | {_cell(why)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")[:300]


def measure(files: Iterable[Path], processes: int = 2) -> dict[str, Verdict]:
    """Judge models in several processes, and print each verdict as soon as it is ready."""
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
