"""Compares dcgan with PyTorch and ONNX Runtime on this machine.

    python bench/side_by_side.py                          every row, three rounds
    python bench/side_by_side.py --only train-tutorial,sample --rounds 5

Both sides run alternately, A B A B, each time in a new process. If the other side has variants
(PyTorch's training: eager, channels_last, torch.compile, both), each runs once first, and the
best takes part in the rounds. Prints the ratio of the medians and, in brackets, the smallest
and largest ratio of consecutive runs. In every row a ratio above 1 is in dcgan's favour.
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from comparisons import ROWS, Paths, Settings, ours, theirs, train_command


class Failed(Exception):
    """A command that failed."""


def arguments():
    names = ", ".join(row.name for row in ROWS)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="ROWS", help=f"some of: {names}")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", type=Path, default=Path("target/release/dcgan"))
    parser.add_argument("--run", type=Path, help="the run for `process` [default: a new one]")
    parser.add_argument("--lean", action="store_true", help="PyTorch skips gradients nothing uses")
    parser.add_argument("--device", default="cpu", help="such as cuda, for both sides")
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32", help="of training")
    parser.add_argument("--tf32", action="store_true", help="PyTorch may round to TensorFloat-32")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table there")
    parser.add_argument("--preset", help="override the preset of every row, to try the script")
    parser.add_argument("--batch", type=int, help="override the batch size of every row")
    parser.add_argument("--steps", type=int, help="override the steps of every row")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: give 1 or more")
    unknown = set(options.only.split(",") if options.only else []) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no row {', '.join(sorted(unknown))}: there are {names}")
    if not options.binary.is_file():
        parser.error(f"no {options.binary}: run `cargo build --release`, or give --binary")
    return options


def chosen_rows(options):
    """The selected rows, with sizes overridden if asked for."""
    sizes = {"preset": options.preset, "batch": options.batch, "steps": options.steps}
    sizes = {name: value for name, value in sizes.items() if value is not None}
    for row in ROWS:
        if options.only is None or row.name in options.only.split(","):
            title = row.title + "".join(f", {name} {value}" for name, value in sizes.items())
            yield dataclasses.replace(row, title=title, **sizes)


def run(command):
    """The JSON that a command prints, and how long its process took."""
    start = time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if process.returncode != 0:
        raise Failed(reason(process))
    lines = process.stdout.strip().splitlines()
    report = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return {**report, "elapsed_seconds": elapsed}


def reason(process):
    """The line of a failed process that names the error; a traceback may continue after it."""
    lines = process.stderr.strip().splitlines()
    errors = [line for line in lines if re.match(r"[\w.]*(error|Error|Exception)\b", line)]
    return (errors or lines or [f"exit status {process.returncode}"])[-1]


class Comparisons:
    """Runs rows. Remembers the variants' results, since rows share them."""

    def __init__(self, options, scratch):
        self.options, self.screened = options, {}
        self.paths = Paths(options.binary.resolve(), options.run, scratch)
        self.settings = settings(options)

    def compare(self, row):
        """The result of a row that has another side."""
        figure = row.figure
        if row.work == "process" and self.paths.run is None:
            run(train_command(row, self.paths, self.settings.threads))
            self.paths = dataclasses.replace(self.paths, run=self.paths.scratch / "run")
        mine = ours(row, self.paths, self.settings)
        others = theirs(row, self.paths, self.settings)
        name = self.best(row, others)
        run(mine)  # not counted, like the other side's run above: warms the file cache
        runs = []
        for number in range(self.options.rounds):
            runs += [("ours", run(mine)), ("theirs", run(others[name]))]
            one, other = [figure.value(report) for _, report in runs[-2:]]
            print(f"  round {number + 1}: dcgan {one:.2f}, {name} {other:.2f}", flush=True)
        return Result(row, name, runs)

    def best(self, row, others):
        """The name of the other side's best variant; each runs once."""
        values = {}
        for name, command in others.items():
            try:
                key = tuple(command)
                if key not in self.screened:
                    self.screened[key] = run(command)
                values[name] = row.figure.value(self.screened[key])
            except Failed as failure:
                print(f"  left out: {name}: {failure}", flush=True)
                continue
            if len(others) > 1:
                print(f"  {name}: {values[name]:.2f} {row.figure.unit}", flush=True)
        if not values:
            raise Failed("nothing to compare with works on this machine")
        best = max if row.figure.more_is_better else min
        return best(values, key=values.get)


class Result:
    """The runs of both sides, in the order in which they ran."""

    def __init__(self, row, name, runs):
        self.row, self.name, self.runs = row, name, runs
        self.ours, self.theirs = self.median("ours"), self.median("theirs")
        self.ratio = row.figure.advantage(self.ours, self.theirs)
        ratios = [self.consecutive(one, other) for one, other in zip(runs, runs[1:])]
        self.lowest, self.highest = min(ratios), max(ratios)

    def median(self, side):
        figure = self.row.figure
        return statistics.median(figure.value(report) for name, report in self.runs if name == side)

    def consecutive(self, one, other):
        figure, pair = self.row.figure, dict([one, other])
        return figure.advantage(figure.value(pair["ours"]), figure.value(pair["theirs"]))

    def line(self):
        unit = self.row.figure.unit
        both = f"dcgan {self.ours:.2f} {unit}, {self.name} {self.theirs:.2f} {unit}"
        return f"{both}: {self.ratio:.2f} ({self.lowest:.2f} to {self.highest:.2f})"

    def cells(self):
        unit = self.row.figure.unit
        sides = [f"{self.ours:.2f} {unit}", f"{self.theirs:.2f} {unit}", self.name]
        return [self.row.title, *sides, f"{self.ratio:.2f}", f"{self.lowest:.2f} to {self.highest:.2f}"]

    def remark(self):
        """The version of the other side, and memory it holds at the start."""
        last = self.runs[-1][1]
        version = last.get("version", "")
        imports = last.get("memory_after_imports_mib")
        if self.row.figure.key != "peak_memory_mib" or imports is None:
            return version
        return f"{version}, which holds {imports:.0f} MiB before its first tensor"


def settings(options):
    """The options that reach both sides."""
    fields = (field.name for field in dataclasses.fields(Settings))
    return Settings(**{name: getattr(options, name) for name in fields})


def parts(row, paths, settings):
    """The parts of a step's time as table rows: name, thread milliseconds, share."""
    profile = run(ours(row, paths, settings))["profile"]
    return [
        [part["name"], f"{part['thread_milliseconds_per_step']:.1f}", f"{part['share']:.1%}"]
        for part in profile["parts"]
    ]


def machine(threads):
    """The machine and the date in one line."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
    except OSError:
        pass
    day = datetime.date.today().isoformat()
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{day}, {model}, {os.cpu_count()} cores, {threads} threads, {system}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def markdown(options, about, results, tables):
    text = f"Machine: {about}. Rounds: {options.rounds}.\n"
    versions = dict.fromkeys(result.remark() for result in results if result.remark())
    text += f"Other side: {'; '.join(versions)}.\n" if versions else ""
    if results:
        header = ["what", "dcgan", "other side", "which", "ratio", "consecutive runs"]
        text += "\n" + table(header, [result.cells() for result in results])
    for title, rows in tables:
        text += f"\n{title}:\n\n" + table(["part", "thread ms per step", "share"], rows)
    options.markdown.write_text(text)


def main():
    options = arguments()
    about = machine(options.threads)
    print(about)
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 0.5:
        load = os.getloadavg()[0]
        print(f"note: load average {load:.1f}: other programs are running and distort the figures")
    results, tables, failed = [], [], False
    with tempfile.TemporaryDirectory(prefix="dcgan-bench-") as scratch:
        comparisons = Comparisons(options, Path(scratch))
        for row in chosen_rows(options):
            print(f"{row.name}: {row.title}", flush=True)
            try:
                if row.figure is None:
                    tables.append((row.title, parts(row, comparisons.paths, comparisons.settings)))
                    for name, milliseconds, share in tables[-1][1]:
                        print(f"  {name:<34} {milliseconds:>9} ms {share:>6}")
                else:
                    results.append(comparisons.compare(row))
                    print(f"  {results[-1].line()}\n  {results[-1].remark()}")
            except Failed as failure:
                failed = True
                print(f"  failed: {failure}")
    if options.markdown:
        markdown(options, about, results, tables)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
