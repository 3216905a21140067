"""Build the documentation as a website ("the book"): ``python -m docs.book.build`` in the repository, or ``make book``.

The book is made from docs/, models/ and the program itself. Its pages are written to out/book, the Chinese pages to
out/book/zh. Every warning from Sphinx is an error. The pages need no internet connection, neither to build nor to read
them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

from docs.book.gather import gather
from sdcluster.publish.model_page import script, style

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
SPHINX = {"en": "en", "zh": "zh_CN"}
TITLES = {"en": "sdcluster", "zh": "sdcluster 手册"}


def build(out: Path, root: Path = ROOT, workers: int | None = None) -> Path:
    """Build the book and return the path of its front page.

    Parameters
    ----------
    out : Path
        The output folder, whose old content is deleted.
    root : Path
        The repository.
    workers : int, optional
        The number of processes that run models; by default one for each core.

    Raises
    ------
    RuntimeError
        If Sphinx gives a warning.
    """
    with tempfile.TemporaryDirectory(prefix="sdcluster-book-") as folder:
        work = Path(folder)
        sources = gather(root, work / "source", workers or os.cpu_count() or 1)
        built = work / "book"
        for language, source in sources.items():
            words = source / "locales" / SPHINX[language] / "LC_MESSAGES" / "sphinx.po"
            if (own := HERE / f"sphinx.{SPHINX[language]}.po").is_file():
                words.parent.mkdir(parents=True)
                shutil.copyfile(own, words)
            there = built if language == "en" else built / language
            _sphinx(language, source, there, work / f"doctrees-{language}")
            static = there / "_static"
            (static / "model.css").write_text(style(), encoding="utf-8")
            (static / "model.js").write_text(script(), encoding="utf-8")
            shutil.copyfile(HERE / "book.css", static / "book.css")
        if out.exists():
            shutil.rmtree(out)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(built, out)
    return out / "index.html"


def _sphinx(language: str, source: Path, there: Path, doctrees: Path) -> None:
    from sphinx.cmd.build import main

    settings = [f"language={SPHINX[language]}", f"html_title={TITLES[language]}"]
    words = ["-b", "html", "-W", "--keep-going", "-q", "-c", str(HERE), "-d", str(doctrees)]
    words += [word for one in settings for word in ("-D", one)]
    with warnings.catch_warnings():
        # These warnings are for authors of Sphinx extensions. Warnings about our pages are errors because of -W.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        failed = main([*words, str(source), str(there)])
    if failed:
        raise RuntimeError(
            f"Sphinx did not build the book in {TITLES[language]}; its warnings are above"
        )


def _main() -> None:
    parser = argparse.ArgumentParser(description="Build the book of the models.")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "book")
    try:
        print(f"The book is in {build(parser.parse_args().out)}")
    except RuntimeError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main()
