"""How fast several ranks train compared with one process with as many threads.

    cargo build --release --features mpi
    python bench/scaling.py                    1 rank x 2 threads against 2 ranks x 1 thread
    python bench/scaling.py --ranks 4 --batch 256 --rounds 5
    python bench/scaling.py --wire             bytes that each rank sends per step

Both sides run alternately, A B A B, each time as a new run on drawn faces. A step's time is the
time between two lines of `metrics.jsonl`, which has one per step; a run's figure is the median
step, without the first three. Prints the ratio of the medians of all runs and, in brackets, the
smallest and largest ratio of consecutive runs.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

WARM_UP_STEPS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="threads per rank")
    parser.add_argument("--preset", default="tutorial")
    parser.add_argument("--batch", type=int, default=128, help="global batch size")
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sync-batch-norm", action="store_true")
    parser.add_argument("--wire", action="store_true", help="count bytes instead (Linux)")
    parser.add_argument("--binary", type=Path, default=Path("target/release/dcgan"))
    options = parser.parse_args()
    if options.steps <= WARM_UP_STEPS + 1:
        parser.error(f"--steps: give more than {WARM_UP_STEPS + 1}")
    if not options.binary.is_file():
        parser.error(f"no {options.binary}: run `cargo build --release --features mpi`")
    return options


def train_command(options, ranks, threads, folder):
    """The command that trains, with its run in `folder`."""
    train = [options.binary.resolve(), "train", "demo", "-n", str(2 * options.batch)]
    train += ["--preset", options.preset, "--batch-size", str(options.batch)]
    train += ["--steps", str(options.steps), "--report-every", str(options.steps)]
    train += ["--threads", str(threads), "--out", folder / "run"]
    if ranks == 1:
        return train
    train += ["--sync-batch-norm"] if options.sync_batch_norm else []
    return ["mpirun", "--oversubscribe", "-n", str(ranks), *train]


def seconds_per_step(options, ranks, threads):
    """The median time per step of a run."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        command = train_command(options, ranks, threads, folder)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        metrics, times = folder / "run/metrics.jsonl", []
        while process.poll() is None and len(times) < options.steps:
            lines = metrics.read_bytes().count(b"\n") if metrics.exists() else 0
            times += [time.perf_counter()] * (lines - len(times))
            time.sleep(0.002)
        if process.wait() != 0:
            raise SystemExit("the training failed")
    # the last step's line comes after its report
    steps = [after - before for before, after in zip(times, times[1:-1])]
    return statistics.median(steps[WARM_UP_STEPS:])


def compare(options):
    whole = options.ranks * options.threads
    sides = [(1, whole), (options.ranks, options.threads)]
    rates = [[], []]
    for number in range(options.rounds):
        for (ranks, threads), found in zip(sides, rates):
            rate = options.batch / seconds_per_step(options, ranks, threads)
            print(f"round {number + 1}: {ranks} x {threads}: {rate:.1f} pictures/s", flush=True)
            found.append(rate)
    ratios = [ranks / one for one, ranks in zip(*rates)]
    one, ranks = map(statistics.median, rates)
    print(
        f"{options.preset}, batch {options.batch}: {options.ranks} ranks x {options.threads} "
        f"{ranks:.1f}, 1 rank x {whole} {one:.1f} pictures/s: "
        f"{ranks / one:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def bytes_sent():
    return int(Path("/sys/class/net/lo/statistics/tx_bytes").read_text())


def count_bytes(options):
    """Bytes sent over the loopback device by TCP: those of a long run minus those of a short one."""
    tcp = {"OMPI_MCA_btl": "tcp,self", "OMPI_MCA_btl_tcp_if_include": "lo"}
    os.environ.update(tcp)
    counts = []
    for steps in [options.steps, 2 * options.steps]:
        options.steps = steps
        with tempfile.TemporaryDirectory() as folder:
            before = bytes_sent()
            command = train_command(options, options.ranks, options.threads, Path(folder))
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            counts.append(bytes_sent() - before)
    each = (counts[1] - counts[0]) / (options.steps / 2) / options.ranks
    print(f"{options.preset}, {options.ranks} ranks: each sends {each / 1e6:.2f} MB per step")


def main():
    options = arguments()
    (count_bytes if options.wire else compare)(options)


if __name__ == "__main__":
    main()
