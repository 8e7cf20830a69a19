"""Compares the pictures that PyTorch and dcgan draw after the same minutes of training.

    python bench/time_to_quality.py PICTURES --minutes 10
    python bench/time_to_quality.py PICTURES --minutes 10 --preset pytorch --ours laptop

Trains --preset in PyTorch and in dcgan, and with --ours another preset of dcgan too, one after the other, each
for --minutes on --threads; draws the same number of pictures with each; and lets `dcgan evaluate` compare them
with PICTURES. Smaller distances are better.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--preset", default="pytorch")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--ours", help="another preset of dcgan, with its own settings")
    parser.add_argument("--held-out", type=Path, help="compare with these instead of PICTURES")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-n", type=int, default=2000, help="pictures to draw")
    parser.add_argument("--binary", type=Path, default=Path("target/release/dcgan"))
    return parser.parse_args()


def pytorch(options, scratch):
    """Trains and draws with PyTorch; returns the folder of the pictures, and the steps."""
    drawn = scratch / "pytorch"
    command = [sys.executable, str(HERE / "pytorch_pictures.py"), str(options.pictures)]
    command += ["--preset", options.preset, "--batch", str(options.batch), "-n", str(options.n)]
    command += ["--minutes", str(options.minutes), "--threads", str(options.threads)]
    output = subprocess.run([*command, "--out", str(drawn)], check=True, capture_output=True)
    return drawn, json.loads(output.stdout)["steps"]


def dcgan(options, scratch, preset, settings):
    """Trains and draws with dcgan. Its clock starts before it reads the pictures."""
    run, drawn = scratch / f"run-{preset}", scratch / f"dcgan-{preset}"
    binary, threads = str(options.binary), ["--threads", str(options.threads)]
    length = ["--steps", "10000000", "--evaluate-every", "never"]
    train = ["train", str(options.pictures), "--preset", preset, "--out", str(run)]
    process = subprocess.Popen([binary, *train, *length, *settings, *threads, "--quiet"])
    try:
        process.wait(60 * options.minutes)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # it saves, and its checkpoint is drawn with
        process.wait()
    steps = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])["step"]
    newest = max((run / "checkpoints").iterdir())
    sample = ["sample", str(newest), "-n", str(options.n), "-o", f"{drawn}/", *threads, "--quiet"]
    subprocess.run([binary, *sample], check=True)
    return drawn, steps


def evaluate(options, drawn):
    real = options.held_out or options.pictures
    command = [str(options.binary), "evaluate", str(drawn), "--data", str(real), "--json"]
    command += ["--metrics", "swd", "-n", str(options.n), "--threads", str(options.threads)]
    report = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return report["swd"]["mean"]


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="dcgan-bench-") as folder:
        scratch = Path(folder)
        sides = [(f"PyTorch, {options.preset}", lambda: pytorch(options, scratch))]
        same = ["--batch-size", str(options.batch)]
        ours = [(options.preset, same), *([(options.ours, [])] if options.ours else [])]
        for preset, settings in ours:
            side = lambda preset=preset, settings=settings: dcgan(options, scratch, preset, settings)
            sides.append((f"dcgan, {preset}", side))
        for name, train in sides:
            drawn, steps = train()
            print(f"{name}: {steps} steps, SWD x 1000 {evaluate(options, drawn):.1f}", flush=True)


if __name__ == "__main__":
    main()
