"""The Python of the documentation runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import some_direction
from PIL import Image

import dcgan
from dcgan import _train

ROOT = Path(__file__).resolve().parents[3]

PAGES = ["docs/python.md", "README.md", "README.zh-CN.md", "crates/dcgan-python/README.md"]


def blocks(page: str) -> list[str]:
    """The Python of a page that is about this package."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found: list[str] = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for block in found if "onnxruntime" not in block]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, faces: Path) -> None:
    """Makes trainings and measurements as small as they can be."""
    words = _train.training_words

    def fewer(data: Any, resume: Any, out: Any, options: dict[str, Any]) -> list[str]:
        options = {**options, "evaluate_every": "never"}
        if resume is None:
            options |= {"ngf": 4, "ndf": 4, "batch_size": 8, "report_every": 3}
        if "epochs" in options:
            options["epochs"] = 3
        else:
            options["steps"] = 6
        return words(data, resume, out, options)

    monkeypatch.setattr(_train, "training_words", fewer)
    evaluate = dcgan.evaluate
    monkeypatch.setattr(
        dcgan.Model, "direction", lambda self, attribute: some_direction(self, faces)[1]
    )
    monkeypatch.setattr(dcgan, "evaluate", lambda run, n: evaluate(run, n=24))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("quick")
def test_the_python_of_the_documentation_runs(page: str, faces: Path) -> None:
    Path("photos").mkdir()
    for number, picture in enumerate(dcgan.draw_faces(24)):
        Image.fromarray(picture).save(f"photos/{number}.png")
    found = blocks(page)
    if page == "docs/python.md":
        assert len(found) > 8
        dcgan.train(faces, out="runs/demo", progress=False)
    variables: dict[str, Any] = {}
    for block in found:
        exec(compile(block, page, "exec"), variables)
