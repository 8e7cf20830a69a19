"""What side_by_side.py compares: its rows, and the commands on both sides of each."""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")


@dataclass(frozen=True)
class Figure:
    """A number that every run tells under `key`."""

    key: str
    unit: str
    more_is_better: bool
    scale: float = 1.0

    def of(self, found):
        return found[self.key] * self.scale

    def advantage(self, ours, theirs):
        """How many times better ours is: above 1 for dcgan, below for the other side."""
        return ours / theirs if self.more_is_better else theirs / ours


SPEED = Figure("pictures_per_second", "pictures/s", more_is_better=True)
LATENCY = Figure("median_seconds", "ms", more_is_better=False, scale=1000)
ELAPSED = Figure("elapsed_seconds", "s", more_is_better=False)
MEMORY = Figure("peak_memory_mib", "MiB", more_is_better=False)


@dataclass(frozen=True)
class Row:
    """One comparison. `work` is train, sample or process; a row without `figure` has no
    other side and tells where dcgan's own time goes."""

    name: str
    title: str
    work: str
    preset: str
    batch: int
    steps: int
    figure: Figure | None


ROWS = [
    Row("train-tutorial", "training, `tutorial`, batch 128", "train", "tutorial", 128, 5, SPEED),
    Row("train-pytorch", "training, `pytorch`, batch 128", "train", "pytorch", 128, 5, SPEED),
    Row("train-paper", "training, `paper`, batch 128", "train", "paper", 128, 5, SPEED),
    Row("train-tutorial-16", "training, `tutorial`, batch 16", "train", "tutorial", 16, 20, SPEED),
    Row("sample", "sampling, `tutorial`, batch 64", "sample", "tutorial", 64, 20, SPEED),
    Row("latency", "one picture at a time, `tutorial`", "sample", "tutorial", 1, 200, LATENCY),
    Row("process", "whole process, 64 PNGs, `tutorial`", "process", "tutorial", 64, 1, ELAPSED),
    Row("memory", "peak memory, `tutorial`, batch 128", "train", "tutorial", 128, 5, MEMORY),
    Row("parts", "a step's time, `tutorial`, batch 128", "train", "tutorial", 128, 10, None),
]


@dataclass(frozen=True)
class Places:
    """Where things are: the program, a run with a generator, and a folder for pictures."""

    binary: Path
    run: Path | None
    scratch: Path


def measured(row, threads):
    """What both sides are told to measure."""
    sizes = ["--preset", row.preset, "--batch", str(row.batch), "--steps", str(row.steps)]
    return [*sizes, "--threads", str(threads)]


def ours(row, places, threads):
    """dcgan's command."""
    binary = str(places.binary)
    if row.work == "process":
        drawn = ["-n", str(row.batch), "--out", str(places.scratch / "ours")]
        return [binary, "sample", str(places.run), *drawn, "--threads", str(threads)]
    command = [binary, "bench", row.work, *measured(row, threads), "--json"]
    return command if row.figure else [*command, "--profile"]


def theirs(row, places, threads, lean):
    """The other side's commands by their names, of which the best is taken."""

    def script(name, *arguments):
        return [sys.executable, str(HERE / name), *arguments]

    if row.work == "process":
        file = places.run / "generator.safetensors" if places.run.is_dir() else places.run
        drawn = ["-n", str(row.batch), "--out", str(places.scratch / "theirs")]
        threads = ["--threads", str(threads)]
        return {"PyTorch eager": script("pytorch_sample.py", str(file), *drawn, *threads)}
    if row.work == "sample":
        return {"ONNX Runtime": script("onnxruntime_sample.py", *measured(row, threads))}
    options = [*measured(row, threads), *(["--lean"] if lean else [])]
    return {
        f"PyTorch {variant}": script("pytorch_train.py", *options, "--variant", variant)
        for variant in VARIANTS
    }


def training_of_a_run(row, places, threads):
    """Makes a run whose generator has the preset's size; what it draws does not matter."""
    length = ["--steps", "2", "--batch-size", "16", "-n", "32", "--threads", str(threads)]
    network = ["--preset", row.preset, "--out", str(places.scratch / "run")]
    return [str(places.binary), "train", "demo", *network, *length]
