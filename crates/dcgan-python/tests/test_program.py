"""The command that the package brings along is the program."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import COMMAND, program

import dcgan

TRAIN = "--preset small --ngf 4 --ndf 4 --batch-size 8 --count 100 --report-every 5 --evaluate-every never"


def test_the_command_and_the_module_have_one_version() -> None:
    assert program("--version").stdout.split()[:2] == ["dcgan", dcgan.__version__]
    asked = [sys.executable, "-m", "dcgan", "-V"]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert done.stdout == f"dcgan {dcgan.__version__}\n"


def test_errors_are_one_line_and_exit_status_1() -> None:
    done = program("sample", "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: nowhere does not exist; check the name\n"
    assert program("trian").returncode == 1
    assert program("--help").returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_saves_the_run_of_the_command() -> None:
    words = [str(COMMAND), "train", "demo", "--steps", "100000", "--out", "run", *TRAIN.split()]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not Path("run/samples/step-000005.png").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "stopping cleanly" in err and "Traceback" not in err
    assert "Everything is saved; resume with `dcgan train --resume run`" in out


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_ctrl_c_ends_other_commands_as_the_system_does() -> None:
    words = [str(COMMAND), "bench", "train", "--steps", "100000"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="there is no sh")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    script = f"{COMMAND} train demo --steps 6 --out run {TRAIN} | head -1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr and "roken pipe" not in done.stderr
    assert dcgan.Run("run").step == 6, "it trained to its end"
