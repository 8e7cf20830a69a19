"""Trainings from Python."""

from __future__ import annotations

import inspect
import re
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, pixels, program, python

import dcgan
from dcgan._options import TrainOptions
from dcgan._words import options_of


def test_train_returns_a_run_that_the_command_reads(trained: dcgan.Run) -> None:
    assert trained.step == 6
    assert [line["step"] for line in trained.metrics()] == [1, 2, 3, 4, 5, 6]
    assert [path.name for path in trained.samples()] == [f"step-00000{step}.png" for step in (2, 4, 6)]
    described = program("info", trained.path)
    assert re.search(r"^steps +6$", described.stdout, re.MULTILINE), described.stdout


def test_the_defaults_are_those_of_the_command(photos: Path) -> None:
    small = {"ngf": 4, "ndf": 4, "report_every": 2}
    with dcgan.Trainer(photos, out="python", progress=False, **small) as trainer:
        next(trainer)
    small_too = ["--ngf", 4, "--ndf", 4, "--report-every", 2]
    started = program("train", photos, "--out", "command", *small_too, "--dry-run", "-q")
    ours = trainer.config.splitlines()
    theirs = started.stdout.splitlines()
    assert 'preset = "laptop"' in ours
    assert 'augment = "auto"' in ours, "chosen by the number of pictures"
    assert [line for line in ours if line and line not in theirs] == []


def test_python_and_the_command_train_the_same_networks(photos: Path, trained: dcgan.Run) -> None:
    options = "--preset small --ngf 4 --ndf 4 --z-dim 8 --batch-size 8 --evaluate-every never --report-every 2"
    done = program("train", photos, "--out", "other", "--steps", 6, *options.split())
    assert done.returncode == 0, done.stderr
    assert dcgan.Run("other").metrics() == trained.metrics()


def test_a_trainer_yields_its_reports_with_grids(photos: Path) -> None:
    trainer = dcgan.Trainer(photos, steps=5, report_every=2, progress=False, **TINY)
    reports = list(trainer)
    assert [report.step for report in reports] == [2, 4, 5]
    assert trainer.is_complete and trainer.step == trainer.total_steps == 5
    for report in reports:
        assert report.loss_d > 0 and report.loss_g > 0
        assert 0 <= report.accuracy_real <= 1 and 0 <= report.accuracy_fake <= 1
        grid = report.grid()
        assert grid.dtype == np.uint8 and grid.shape == (530, 530, 3), "8 x 8, with frames"
        assert (grid == pixels(report.fake_file)).all()
        assert report.real_grid().shape[2] == 3
    assert reports[0].diversity is not None and reports[0].distance is not None
    assert list(trainer) == [], "it has ended"


def test_a_trainer_trains_no_further_than_its_reports_are_taken(photos: Path) -> None:
    with dcgan.Trainer(photos, steps=1000, report_every=2, progress=False, **TINY) as trainer:
        time.sleep(0.5)
        assert trainer.step == 0
        next(trainer)
        time.sleep(0.5)
        assert trainer.step == 2


def test_a_loop_that_ends_early_leaves_a_run_that_resumes(photos: Path) -> None:
    for report in dcgan.Trainer(photos, steps=8, report_every=2, progress=False, **TINY):
        if report.step == 4:
            break
    run = dcgan.Run("runs/photos")
    assert 4 <= run.step < 8
    resumed = dcgan.train(resume=run, progress=False)
    assert resumed.path == run.path and resumed.step == 8


def test_a_longer_training_resumes_with_more_steps(run: dcgan.Run) -> None:
    assert dcgan.train(resume=run, steps=8, progress=False).step == 8


INTERRUPTED = """
import dcgan, sys
options = dict(preset="small", ngf=4, ndf=4, z_dim=8, batch_size=8, evaluate_every="never", no_cache=True)
try:
    dcgan.train(sys.argv[1] if len(sys.argv) > 1 else "demo", count=200, steps=100000, report_every=5, out="run", **options)
except KeyboardInterrupt:
    print("interrupted")
    sys.exit(3)
"""


def wait_for(is_there: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_there():  # type: ignore[operator]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_saves_the_run_and_raises_keyboard_interrupt() -> None:
    process = python(INTERRUPTED)
    wait_for(lambda: Path("run/samples/step-000005.png").exists())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3 and out == "interrupted\n", err
    step = dcgan.Run("run").step
    assert step >= 5
    assert list(Path("run/checkpoints").glob(f"step-{step:06}.safetensors")), "the last step is saved"
    assert dcgan.train(resume="run", steps=step + 2, progress=False).step == step + 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_the_run_of_a_killed_process_resumes() -> None:
    process = python(INTERRUPTED)
    wait_for(lambda: Path("run/checkpoints/step-000005.safetensors").exists())
    process.kill()
    process.communicate(timeout=60)
    assert dcgan.train(resume="run", steps=40, progress=False).step == 40


def test_a_program_that_ends_saves_the_training_it_left_behind() -> None:
    script = INTERRUPTED.replace("dcgan.train", "trainer = dcgan.Trainer") + "\nprint(next(trainer).step)\n"
    process = python(script)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and out == "5\n", err
    assert dcgan.Run("run").step >= 5


def test_without_a_terminal_progress_is_plain_lines(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dcgan.train(photos, steps=4, report_every=2, out="run", **TINY)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert "run: steps 1 to 4" in lines
    rows = [line.split() for line in lines if line.startswith("      ")]
    assert [row[0] for row in rows] == ["2", "4"]
    assert "\r" not in err


def test_progress_false_prints_notes_alone(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dcgan.train(photos, steps=2, progress=False, preset="laptop", ngf=4, ndf=4, evaluate_every="never")
    out, err = capsys.readouterr()
    assert out == ""
    assert all(line.startswith("note: ") for line in err.splitlines())
    assert "note: " in err and "24 pictures" in err and "augment auto" in err, err


def test_a_second_run_gets_another_name_and_notes_keep_their_commands(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ["photos", "photos-2"]:
        run = dcgan.train(photos, steps=1, progress=False, **TINY)
        assert run.path == Path("runs", name)
    note = "so this one is runs/photos-2; `dcgan train --resume runs/photos` continues that one"
    assert note in capsys.readouterr().err


def test_every_option_of_the_command_is_one_of_train() -> None:
    options = {name.replace("-", "_") for name in options_of("train") if not name.startswith("no-ema")}
    assert set(TrainOptions.__annotations__) == options
    documented = inspect.getdoc(dcgan.train) or ""
    missing = {name for name in options if f"{name}:" not in documented and f"{name}," not in documented}
    assert missing == set()
