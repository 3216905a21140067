"""Serve a notebook as a page (voila) or for editing (JupyterLab), to this machine only and without the internet.

The command ``sdcluster lab`` calls `serve`::

    sdcluster.lab.serve()                                   # the first lesson as a page, in the browser
    sdcluster.lab.serve("notebooks/my_lesson.ipynb", editor=True)       # your own notebook in JupyterLab
    sdcluster.lab.serve("my_model")                                      # sliders and curves for any model
    sdcluster.lab.serve(browser=False, port=8866)           # only serve: http://127.0.0.1:8866/
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from sdcluster.messages import message

NOTEBOOKS = "notebooks"
FIRST_LESSON = "01_*.ipynb"
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "anywidget")


def serve(
    notebook: str | Path | None = None,
    *,
    editor: bool = False,
    port: int | None = None,
    browser: bool = True,
    theme: str = "light",
) -> int:
    """Serve a notebook until it is interrupted (Ctrl-C).

    Parameters
    ----------
    notebook : path, optional
        A notebook, or a model (file or folder) to open in a laboratory. The default is the first lesson,
        ``notebooks/01_….ipynb``, in the working directory or a folder above.
    editor : bool
        Whether to open JupyterLab instead of the page.
    port : int, optional
        Port of the server; by default, a free port.
    browser : bool
        Whether to open the browser.
    theme : {"light", "dark"}
        Theme of the page. JupyterLab ignores this argument and uses its own setting.

    Returns
    -------
    int
        The server's exit status, 0 after Ctrl-C.

    Raises
    ------
    FileNotFoundError
        If the notebook does not exist.
    """
    line = command(notebook, editor=editor, port=port, browser=browser, theme=theme)
    try:
        return subprocess.call(line, env=environment())
    except KeyboardInterrupt:
        return 0


def command(
    notebook: str | Path | None = None,
    *,
    editor: bool = False,
    port: int | None = None,
    browser: bool = True,
    theme: str = "light",
) -> list[str]:
    """Return the command line of the server that `serve` starts with the variables from `environment`."""
    path = find_notebook(notebook)
    port = port or free_port()
    quiet = [] if browser else ["--no-browser"]
    if editor:
        where = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
        root = f"--ServerApp.root_dir={path.parent.parent}"
        return [sys.executable, "-m", "jupyterlab", str(path), *where, root, *quiet]
    return [
        *(sys.executable, "-m", "voila", str(path), f"--port={port}", "--Voila.ip=127.0.0.1"),
        *("--template=sdcluster", f"--theme={theme}"),
        "--VoilaConfiguration.show_tracebacks=True",  # the last line of a traceback says what to do
        *(f"--VoilaConfiguration.extension_allowlist={name}" for name in EXTENSIONS),
        *quiet,
    ]


def environment(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for `command`: the variables in `base` (by default, of this process) and our own.

    Our variables point to the template of the page, and to settings of JupyterLab that turn off news and updates.
    """
    env = dict(os.environ if base is None else base)
    ours = Path(str(files("sdcluster.lab"))) / "share" / "jupyter"
    for name, folder in (("JUPYTER_PATH", ours), ("JUPYTER_CONFIG_PATH", ours / "config")):
        env[name] = os.pathsep.join(filter(None, [str(folder), env.get(name)]))
    return env


def find_notebook(notebook: str | Path | None = None) -> Path:
    """Return the full path of a notebook.

    For a model, the function writes a notebook with the model's laboratory. The default is the first lesson.
    """
    if notebook is not None:
        path = Path(notebook).resolve()
        if not path.exists():
            raise FileNotFoundError(message("lab.no_notebook", notebook=notebook))
        return path if path.suffix == ".ipynb" else laboratory_of(path)
    here = Path.cwd()
    home = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, home):
        if lessons := sorted((folder / NOTEBOOKS).glob(FIRST_LESSON)):
            return lessons[0]
    raise FileNotFoundError(
        message("lab.no_first_lesson", file=f"{NOTEBOOKS}/{FIRST_LESSON}", folder=here)
    )


def laboratory_of(model: Path) -> Path:
    """Write a notebook that shows the laboratory of a model to a new folder, and return its path."""
    folder = Path(tempfile.mkdtemp(prefix="sdcluster-")) / "notebooks"
    folder.mkdir()
    code = f"import sdcluster\n\nlab = sdcluster.explore({str(model)!r})\nlab"
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "laboratory",
        "metadata": {},
        "outputs": [],
        "source": code,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    page = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / f"{model.stem}.ipynb"
    path.write_text(json.dumps(page), encoding="utf-8")
    return path


def free_port() -> int:
    """Return a free port on 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
