"""Reads JPEGs with dcgan and with torchvision's DataLoader, alternately.

Pictures are decoded, resized and cropped to 64x64: dcgan packs them, the DataLoader iterates
over them once, both with two threads or workers.

    python bench/data.py JPEGS [--rounds 5]
"""

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BINARY = Path(__file__).resolve().parent.parent / "target/release/dcgan"


def torchvision_rate(folder, workers):
    """Pictures per second of one pass, in this process."""
    import time

    import torch
    from PIL import Image
    from torch.utils.data import DataLoader, Dataset
    from torchvision import transforms

    torch.set_num_threads(1)

    class Pictures(Dataset):
        def __init__(self):
            self.files = sorted(Path(folder).rglob("*.jpg"))
            self.transform = transforms.Compose([
                transforms.Resize(64),
                transforms.CenterCrop(64),
                transforms.ToTensor(),
                transforms.Normalize((0.5,) * 3, (0.5,) * 3),
            ])

        def __len__(self):
            return len(self.files)

        def __getitem__(self, index):
            with Image.open(self.files[index]) as picture:
                return self.transform(picture.convert("RGB"))

    loader = DataLoader(Pictures(), batch_size=128, shuffle=True, num_workers=workers)
    start = time.perf_counter()
    count = sum(len(batch) for batch in loader)
    return count / (time.perf_counter() - start)


def dcgan_rate(folder, threads):
    """Pictures per second of packing, up to the finished file."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [BINARY, "data", "pack", folder, "-o", f"{scratch}/out.pack",
                   "--format", "folder", "--threads", str(threads)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(re.search(r"([0-9]+) pictures/s", output)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jpegs", help="a directory of JPEGs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--torchvision-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torchvision_only:
        print(torchvision_rate(arguments.jpegs, arguments.threads))
        return
    pairs = []
    for _ in range(arguments.rounds):
        ours = dcgan_rate(arguments.jpegs, arguments.threads)
        command = [sys.executable, __file__, arguments.jpegs, "--torchvision-only",
                   "--threads", str(arguments.threads)]
        theirs = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        pairs.append((ours, theirs))
        print(f"dcgan {ours:.0f}, torchvision {theirs:.0f} pictures/s: {ours / theirs:.2f}", flush=True)
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(side) for side in zip(*pairs))
    print(f"ingest: dcgan {ours:.0f} pictures/s, torchvision {theirs:.0f} pictures/s: "
          f"{ours / theirs:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
