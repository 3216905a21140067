"""The notebooks: clean as they are stored, and every cell runs."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from sdcluster.lab.voila_page import find_notebook

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ANALYSTS = sorted((ROOT / "notebooks" / "analysts").glob("*.ipynb"))


@pytest.mark.parametrize("path", [*LESSONS, *ANALYSTS], ids=lambda p: p.stem)
def test_notebook_is_stored_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "widgets" not in notebook.metadata
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert path in ANALYSTS or len(cell.source.splitlines()) <= 6, (
                "a lesson's code is short"
            )


@pytest.mark.parametrize("path", [*LESSONS, *ANALYSTS], ids=lambda p: p.stem)
def test_notebook_runs(path, front_end, tmp_path, monkeypatch):
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), known])))
    notebook = nbformat.read(path, as_version=4)
    folder = tmp_path if path in ANALYSTS else path.parent  # they write files
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, resources=resources, kernel_name="python3").execute()
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    kinds = {kind for o in outputs for kind in o.get("data", {})}
    widget = {"application/vnd.jupyter.widget-view+json"}
    assert kinds & (widget if path in LESSONS else widget | {"image/svg+xml", "text/html"})


def test_the_laboratory_of_any_model_is_a_notebook_that_runs():
    path = find_notebook(ROOT / "models" / "wenzhou_firms")
    assert path.suffix == ".ipynb"
    namespace = {}
    exec(nbformat.read(path, as_version=4).cells[0].source, namespace)
    assert namespace["lab"].model.name == "wenzhou_firms"
    with pytest.raises(FileNotFoundError, match="no notebook or model"):
        find_notebook(ROOT / "models" / "nothing")
