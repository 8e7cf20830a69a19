"""The notebook runs from top to bottom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[3] / "notebooks" / "dcgan.ipynb"


def test_the_notebook_runs_from_top_to_bottom(
    tmp_path: Path, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    # as CelebA would be given; attributes of the drawn faces are learned from 10,000 of them
    monkeypatch.setenv("DCGAN_NOTEBOOK_DATA", str(faces))
    monkeypatch.setenv("DCGAN_NOTEBOOK_SAMPLES", "300")

    def pictures_shown(steps: int) -> int:
        monkeypatch.setenv("DCGAN_NOTEBOOK_STEPS", str(steps))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        return len([output for output in outputs if output["output_type"] == "display_data"])

    assert pictures_shown(20) >= 12
    assert (tmp_path / "runs/notebook/generator.safetensors").exists()
    # again: a complete run is shown as it is
    assert pictures_shown(20) >= 10


def test_the_committed_notebook_was_run_and_is_small() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert NOTEBOOK.stat().st_size < 2_000_000
