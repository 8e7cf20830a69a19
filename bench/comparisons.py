"""The rows of side_by_side.py, and the commands on both sides of each."""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
VARIANTS = ("eager", "channels_last", "compile", "compile_channels_last")


@dataclass(frozen=True)
class Figure:
    """A number that every run reports under `key`."""

    key: str
    unit: str
    more_is_better: bool
    scale: float = 1.0

    def value(self, report):
        return report[self.key] * self.scale

    def advantage(self, ours, theirs):
        """How many times better ours is: above 1 is in dcgan's favour."""
        return ours / theirs if self.more_is_better else theirs / ours


SPEED = Figure("pictures_per_second", "pictures/s", more_is_better=True)
LATENCY = Figure("median_seconds", "ms", more_is_better=False, scale=1000)
ELAPSED = Figure("elapsed_seconds", "s", more_is_better=False)
MEMORY = Figure("peak_memory_mib", "MiB", more_is_better=False)


@dataclass(frozen=True)
class Row:
    """One comparison. `work` is train, sample or process. A row without `figure` has no
    other side; it shows where dcgan's own time goes."""

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
    Row("train-pytorch-32", "training, `pytorch`, batch 32", "train", "pytorch", 32, 10, SPEED),
    Row("train-laptop", "training, `laptop`, batch 16", "train", "laptop", 16, 20, SPEED),
    Row("sample", "sampling, `tutorial`, batch 64", "sample", "tutorial", 64, 20, SPEED),
    Row("latency", "one picture at a time, `tutorial`", "sample", "tutorial", 1, 200, LATENCY),
    Row("process", "whole process, 64 PNGs, `tutorial`", "process", "tutorial", 64, 1, ELAPSED),
    Row("memory", "peak memory, `tutorial`, batch 128", "train", "tutorial", 128, 5, MEMORY),
    Row("parts", "a step's time, `tutorial`, batch 128", "train", "tutorial", 128, 10, None),
]


@dataclass(frozen=True)
class Paths:
    """Paths: the program, a run with a generator, and a directory for pictures."""

    binary: Path
    run: Path | None
    scratch: Path


@dataclass(frozen=True)
class Settings:
    """What holds for every row: the options of side_by_side.py that reach both sides."""

    threads: int
    lean: bool
    device: str
    precision: str
    tf32: bool


def size_options(row, threads):
    """The sizes to measure, as options that both sides take."""
    sizes = ["--preset", row.preset, "--batch", str(row.batch), "--steps", str(row.steps)]
    return [*sizes, "--threads", str(threads)]


def ours(row, paths, settings):
    """dcgan's command."""
    threads = settings.threads
    binary = str(paths.binary)
    if row.work == "process":
        drawn = ["-n", str(row.batch), "--out", str(paths.scratch / "ours")]
        return [binary, "sample", str(paths.run), *drawn, "--threads", str(threads)]
    command = [binary, "bench", row.work, *size_options(row, threads), "--json"]
    if row.work == "train":  # ONNX Runtime draws on the CPU, in float32
        command += ["--device", settings.device, "--precision", settings.precision]
    return command if row.figure else [*command, "--profile"]


def theirs(row, paths, settings):
    """The other side's commands by name; the best of them is compared."""
    threads = settings.threads

    def script(name, *arguments):
        return [sys.executable, str(HERE / name), *arguments]

    if row.work == "process":
        file = paths.run / "generator.safetensors" if paths.run.is_dir() else paths.run
        drawn = ["-n", str(row.batch), "--out", str(paths.scratch / "theirs")]
        threads = ["--threads", str(threads)]
        return {"PyTorch eager": script("pytorch_sample.py", str(file), *drawn, *threads)}
    if row.work == "sample":
        return {"ONNX Runtime": script("onnxruntime_sample.py", *size_options(row, threads))}
    options = [*size_options(row, threads), *(["--lean"] if settings.lean else [])]
    options += ["--device", settings.device, "--precision", settings.precision]
    options += ["--tf32"] if settings.tf32 else []
    return {
        f"PyTorch {variant}": script("pytorch_train.py", *options, "--variant", variant)
        for variant in VARIANTS
    }


def train_command(row, paths, threads):
    """Trains a generator of the preset's size; the quality of its pictures does not matter."""
    length = ["--steps", "2", "--batch-size", "16", "-n", "32", "--threads", str(threads)]
    network = ["--preset", row.preset, "--out", str(paths.scratch / "run")]
    return [str(paths.binary), "train", "demo", *network, *length]
