"""Times a generator in ONNX Runtime on the CPU, from latent vectors to pictures in memory.

    python bench/onnxruntime_sample.py --preset tutorial --batch 64 --steps 20 --threads 2

Exports the PyTorch generator with initial weights to ONNX, once per preset and batch size, and
keeps the file in the temporary directory. The exporter folds batch norm into the layer before
it. Prints one JSON object, as pytorch_train.py does.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

from measuring import WIDTHS, configuration, peak_memory_mib

WARM_UP_STEPS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", choices=WIDTHS, default="tutorial")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def exported(preset, batch):
    """The ONNX file of a preset's generator for this batch size; exported if it does not exist."""
    folder = Path(tempfile.gettempdir()) / "dcgan-bench-onnx"
    path = folder / f"{preset}-batch-{batch}.onnx"
    if path.exists():
        return path
    folder.mkdir(exist_ok=True)
    unfinished = folder / f"{path.stem}.{os.getpid()}.unfinished"
    export(preset, batch, unfinished)
    unfinished.replace(path)
    return path


def export(preset, batch, path):
    import torch  # imported here: measured processes run without it

    from measuring import initialize
    from networks import Generator

    torch.manual_seed(0)
    config = configuration(preset)
    generator = Generator(config).apply(initialize).eval()
    z = torch.zeros(batch, config["z_dim"])
    names = {"input_names": ["z"], "output_names": ["pictures"]}
    torch.onnx.export(
        generator, (z,), path, dynamo=True, external_data=False, verbose=False, **names
    )


def latent_vectors(config, batch):
    """[batch, z_dim]: uniform in [-1, 1) for `paper`, else standard normal."""
    random = np.random.default_rng(0)
    size = (batch, config["z_dim"])
    if config["preset"] == "paper":
        return random.uniform(-1, 1, size).astype(np.float32)
    return random.standard_normal(size, dtype=np.float32)


def open_session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def main():
    options = arguments()
    session = open_session(exported(options.preset, options.batch), options.threads)
    z = latent_vectors(configuration(options.preset), options.batch)
    seconds = []
    for _ in range(WARM_UP_STEPS + options.steps):
        start = time.perf_counter()
        session.run(["pictures"], {"z": z})
        seconds.append(time.perf_counter() - start)
    seconds = seconds[WARM_UP_STEPS:]
    report = {
        "pictures_per_second": options.batch / statistics.median(seconds),
        "median_seconds": statistics.median(seconds),
        "seconds": seconds,
        "peak_memory_mib": peak_memory_mib(),
        "version": f"ONNX Runtime {onnxruntime.__version__}",
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
