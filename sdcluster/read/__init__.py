"""Read model files. `load` takes a path and returns a `sdcluster.model.Model`.

Each modelling language has a folder here. The module ``reader`` in that folder defines `read(file, data, tables)`,
which returns the model and the SHA-256 of every other file that it read. A language whose equations can be edited also
has a module ``edit``. The function `editable` in that module returns an `EditableText` (see `sdcluster.read.side`).
`sdcluster.files.LANGUAGES` maps file name extensions to these folders.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from sdcluster.errors import ModelError, ModelWarning, did_you_mean, short_traceback
from sdcluster.files import LANGUAGES, is_model_file, model_path, models_folder
from sdcluster.messages import comma_separated, joined, message
from sdcluster.model import Model
from sdcluster.progress import report
from sdcluster.read.cache import cached
from sdcluster.read.limits import MAX_BYTES
from sdcluster.recursion import without_collecting

_BINARY = (".vmf", ".vmfx", ".vpm", ".vpmx")


@short_traceback
def load(path: str | Path, data: Sequence[str | Path] = ()) -> Model:
    """Read a model.

    Parameters
    ----------
    path : str or path
        An XMILE file (``.xmile``, ``.stmx``, ``.itmx``, ``.xml``), a Vensim file (``.mdl``), or a folder that contains
        one of these files. The bare name of a bundled model works too.
    data : sequence of paths, optional
        Tables (``.tab``, ``.csv``, ``.dat``) with values for the data variables of a Vensim file. Tables in the model's
        folder are found automatically.

    Returns
    -------
    Model
        The model with its equations, units, documentation and views. A `Model` is immutable.

    Raises
    ------
    ModelError
        If the file cannot be read. The message names file, line and variable, and suggests a fix.

    Warns
    -----
    ModelWarning
        For each error in the file that the reader corrected. `Model.remarks` also lists these corrections.
    """
    file = model_file(path)
    content = _bytes(file)
    if file.suffix.lower() in _BINARY:
        raise ModelError(
            message("read.format_vensim_own_open", suffix=file.suffix),
            file=file,
        )
    if not is_model_file(file):
        raise ModelError(
            message(
                "read.cannot_read_files_end",
                suffix=file.suffix,
                languages=comma_separated(LANGUAGES),
            ),
            file=file,
        )
    report("reading")
    with without_collecting():
        model = cached(file, content, partial(_read, tables=data), extra=data)
    for remark in model.remarks:
        if remark.fixed:
            place = f"{file}:{remark.line}" if remark.line else str(file)
            warnings.warn(joined(": ", (place, remark.sentence)), ModelWarning, stacklevel=3)
    return model


def parsed(file: Path, data: bytes) -> Model:
    """Return the model that `data` describes, without using the cache.

    `data` is parsed as the content of `file`, even if the content on disk differs.
    """
    with without_collecting():
        return _read(file, data)[0]


def _read(
    file: Path, data: bytes, tables: Sequence[str | Path] = ()
) -> tuple[Model, dict[Path, str]]:
    reader = module_of(file, "reader")
    assert reader is not None  # every language has a reader
    found: tuple[Model, dict[Path, str]] = reader.read(file, data, tables)
    return found


def module_of(file: Path, name: str) -> ModuleType | None:
    """Return a module that reads or edits the language of a file, or None if the language has no such module.

    `name` is ``"reader"`` or ``"edit"``. The extension of `file` determines the language.
    """
    place = f"sdcluster.read.{LANGUAGES[file.suffix.lower()]}.{name}"
    return import_module(place) if find_spec(place) else None


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise ModelError(message("read.no_file_pipe_device"), file=file)
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise ModelError(
            message("read.file_bytes_more_not", size=size, max_bytes=MAX_BYTES), file=file
        )
    return file.read_bytes()


def model_file(path: str | Path) -> Path:
    """Return the path of the model file.

    `path` is the path of the file itself, the path of its folder, or the name of a bundled model.

    Raises
    ------
    ModelError
        If the file does not exist, or if the folder contains no model file or more than one.
    """
    path = model_path(path)
    if path.is_dir():
        named = path / f"{path.resolve().name}.xmile"
        if named.exists():
            return named
        files = sorted(path.iterdir())
        found: list[Path] = []
        for language in dict.fromkeys(LANGUAGES.values()):
            found = found or [p for p in files if LANGUAGES.get(p.suffix.lower()) == language]
        if len(found) == 1:
            return found[0]
        raise ModelError(
            message("read.folder_holds_model_files", count=len(found))
            if found
            else message("read.folder_holds_no_model", languages=comma_separated(LANGUAGES)),
            file=path,
        )
    if path.is_symlink() and not path.exists():
        raise ModelError(message("read.link_leads_no_file"), file=path)
    if not path.exists():
        folder = path.parent if path.parent.is_dir() else Path()
        near = [p.name for p in folder.iterdir()]
        if len(path.parts) == 1 and not path.suffix and (ours := models_folder()):
            near += [p.parent.name for p in ours.glob("*/*.xmile")]
        hint = did_you_mean(path.name, near)
        raise ModelError(message("read.no_such_file", hint=hint), file=path)
    return path
