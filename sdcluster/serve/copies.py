"""Copy the notebooks of the lessons to the user's folder, with saved widgets that work before any cell has run.

`own_copies(folder)` copies the notebooks that the folder lacks; `enliven(folder)` adds the lessons to the copies as
saved widgets. Neither function overwrites a notebook that the user has changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sdcluster.errors import ModelError, SimulationError
from sdcluster.files import PACKAGE, write_atomically
from sdcluster.messages import message
from sdcluster.progress import report
from sdcluster.project.library import lesson_path
from sdcluster.publish.front_end import widget_script

if TYPE_CHECKING:
    from sdcluster.lab.notebook_widget import FrontEndWidget

FOLDER = "sdcluster-lessons"
FIRST = "00_start_here.ipynb"
# For each notebook in the folder: the digest of the copy as written, and the digest of the files it was made from.
KNOWN = ".copies.json"
WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
HINT = "sdc-run"  # marks the cell that says how to run the notebook


def originals() -> list[Path]:
    """Return the paths of the notebooks that come with the program.

    In a checkout, they are in a folder next to the package; in an installed package, they are inside the package.
    """
    for folder in (PACKAGE.parent / "notebooks", PACKAGE / "notebooks"):
        if found := sorted(folder.glob("*.ipynb")):
            return found
    return []


def copies_folder() -> Path:
    """Return the folder with the user's copies of the notebooks."""
    return Path.home() / FOLDER


def own_copies(folder: Path | None = None) -> Path:
    """Copy the notebooks that the user's folder lacks; never overwrite an existing notebook.

    Parameters
    ----------
    folder : path, optional
        The folder; by default, ``sdcluster-lessons`` in the user's home folder.

    Returns
    -------
    Path
        The notebook to open first.

    Raises
    ------
    ModelError
        If the program was installed without notebooks.
    """
    folder = folder or copies_folder()
    found = originals()
    if not found:
        raise ModelError(message("serve.lesson_notebooks_not_installed"))
    folder.mkdir(parents=True, exist_ok=True)
    for notebook in found:
        if not (folder / notebook.name).exists():
            shutil.copyfile(notebook, folder / notebook.name)
    first = folder / FIRST
    return first if first.exists() else folder / found[0].name


def enliven_first(folder: Path) -> None:
    """Add the front page of the course to the first notebook now, and the lessons to the others in the background."""
    with suppress(ModelError):  # running the notebook raises the same error
        enliven(folder, [FIRST])
        # A daemon thread does not delay the end of the program.
        threading.Thread(target=_enliven_quietly, args=[folder], daemon=True).start()


def _enliven_quietly(folder: Path) -> None:
    with suppress(ModelError, SimulationError, OSError):
        enliven(folder)


def enliven(folder: Path, names: Collection[str] | None = None) -> list[Path]:
    """Add the current lessons to the copies that have none or an older version, unless the user changed the copy.

    Parameters
    ----------
    folder : path
        Folder with the copies.
    names : collection of str, optional
        Names of the notebooks to update; by default, all.

    Returns
    -------
    list of Path
        The notebooks that were written.
    """
    written = []
    found = [path for path in originals() if names is None or path.name in names]
    for done, original in enumerate(found):
        report("preparing the lessons", done, len(found))
        copy = folder / original.name
        source = _source_of(original)
        known = _known(folder).get(copy.name, {})
        if not copy.exists() or known.get("source") == source:
            continue
        digest = _digest(copy.read_bytes())
        if digest not in (known.get("copy"), _digest(original.read_bytes())):
            continue
        text = live_notebook(original)
        if _digest(copy.read_bytes()) != digest:
            continue  # the user has saved the copy in the meantime
        write_atomically(copy, text)
        _trust(text)
        kept = {**_known(folder), copy.name: {"copy": _digest(text.encode()), "source": source}}
        write_atomically(folder / KNOWN, json.dumps(kept, indent=1) + "\n")
        written.append(copy)
    return written


def live_notebook(original: Path) -> str:
    """Return the text of a lesson's notebook with the lesson as a saved widget.

    Parameters
    ----------
    original : path
        The notebook; its name determines the lesson.
    """
    from ipywidgets import Widget

    widget = _widget_of(original)
    notebook = json.loads(original.read_text(encoding="utf-8"))
    view = {"version_major": 2, "version_minor": 1, "model_id": widget.model_id}
    output = {
        "output_type": "display_data",
        "data": {WIDGET: view, "text/plain": ["Run this cell to see the lesson."]},
        "metadata": {},
    }
    cells = [cell for cell in notebook["cells"] if HINT not in "".join(cell["source"])]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [output]
    state = Widget.get_manager_state(widgets=[widget])
    widget.close()
    notebook["cells"] = cells
    notebook["metadata"] = {**notebook["metadata"], "widgets": {STATE: state}}
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _lesson_of(original: Path) -> str:
    """Return the name of the lesson in a notebook; for ``00_start_here``, the front page, return ``start_here``."""
    return original.stem.partition("_")[2]


def _widget_of(original: Path) -> FrontEndWidget:
    from sdcluster.lab.lesson import course, lesson

    return course() if original.name == FIRST else lesson(_lesson_of(original)).widget


def _source_of(original: Path) -> str:
    """Return a digest of the files from which a live notebook is made: notebook, front end, lesson and its project."""
    module = "course" if original.name == FIRST else "lesson"
    whole = hashlib.sha256(original.read_bytes() + widget_script(module).encode())
    taught = lesson_path(_lesson_of(original))
    beside = [taught] if original.name == FIRST else sorted(taught.parent.iterdir())
    for path in beside:
        if path.is_file():
            whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def _known(folder: Path) -> dict[str, dict[str, str]]:
    with suppress(OSError, ValueError):
        found = json.loads((folder / KNOWN).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _trust(text: str) -> None:
    """Sign a notebook made by this program, because JupyterLab shows widgets only in trusted notebooks."""
    import nbformat
    from nbformat.sign import NotebookNotary

    notary = NotebookNotary()
    notary.sign(nbformat.reads(text, as_version=4))
    notary.store.close()
