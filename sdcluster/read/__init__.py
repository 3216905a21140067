"""Reading model files: a path goes in, a `sdcluster.model.Model` comes out.

PySD's grammars parse the equations; its generated Python is never written or run.
"""

from __future__ import annotations

from pathlib import Path

from sdcluster.errors import ModelError, did_you_mean
from sdcluster.model import Model
from sdcluster.read.cache import cached

_XMILE = (".xmile", ".stmx", ".xml")


def load(path: str | Path) -> Model:
    """Read a model.

    Parameters
    ----------
    path : str or path
        An XMILE file (``.xmile``, ``.stmx``, ``.xml``), or a folder that holds one (``models/cluster``).

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        One sentence with file, line, variable and remedy, for whatever is wrong with the file.
    """
    file = _find(Path(path))
    data = _bytes(file)
    if file.suffix.lower() not in _XMILE:
        raise ModelError(
            f'cannot read files that end in "{file.suffix}"; expected one of {", ".join(_XMILE)}',
            file=file,
        )
    return cached(file, data, _parse)


def _parse(file: Path, data: bytes) -> Model:
    from sdcluster.read.xmile import read_xmile

    return read_xmile(file, data)


def _bytes(file: Path) -> bytes:
    from sdcluster.read.xml import MAX_BYTES

    size = file.stat().st_size
    if size > MAX_BYTES:
        raise ModelError(
            f"the file has {size:,} bytes; more than {MAX_BYTES:,} are not read", file=file
        )
    return file.read_bytes()


def _find(path: Path) -> Path:
    if path.is_dir():
        named = path / f"{path.resolve().name}.xmile"
        if named.exists():
            return named
        found = sorted(p for p in path.iterdir() if p.suffix.lower() in _XMILE)
        if len(found) == 1:
            return found[0]
        raise ModelError(
            f"the folder holds {len(found)} model files; name the one to read"
            if found
            else f"the folder holds no model file ({', '.join(_XMILE)})",
            file=path,
        )
    if not path.exists():
        folder = path.parent if path.parent.is_dir() else Path()
        hint = did_you_mean(path.name, [p.name for p in folder.iterdir()])
        raise ModelError(f"there is no such file{hint}", file=path)
    return path
