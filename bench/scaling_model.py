"""The model behind the table in docs/clusters.md: machines we do not have.

    python bench/scaling_model.py
    python bench/scaling_model.py --host 4e9      with another measured all-reduce, bytes/s

A step of N ranks takes one rank's computation, C, and the all-reduce of the gradients, A:

    A = copies + 2 (N - 1) / N * bytes / rate + buckets * 2 (N - 1) * latency
    rate = the slower of the link and of the memory where MPI adds up
    copies = 2 * bytes / bus      from a GPU to the host and back

A layer's gradients are summed while the gradients of earlier layers are computed: at best only
the part of A that exceeds C is visible, at worst all of it. Both are printed, as a share of N
times the speed of one rank.
"""

import argparse

BYTES = 4 * 13_089_063  # gradients of both networks, preset tutorial
FLOP = 476.51e9 / 128  # one picture's share of a step, as counted by `dcgan bench train`
BUCKETS = 7

# machines, ranks, seconds per step of 128 pictures, link (bytes/s), whether they are GPUs
CPU = 128 / 200.92  # measured: bench/RESULTS.md, two cores
GPU = 128 * FLOP / 20e12  # assumed: a GPU that sustains 20 TFLOP/s
NONE = float("inf")
CASES = [
    ("8 GPUs in one box", 8, GPU, NONE, True),
    ("16 machines of 2 cores, 10 Gb/s", 16, CPU, 10e9 / 8, False),
    ("16 machines of 2 cores, 100 Gb/s", 16, CPU, 100e9 / 8, False),
    ("16 machines with a GPU each, 10 Gb/s", 16, GPU, 10e9 / 8, True),
    ("16 machines with a GPU each, 100 Gb/s", 16, GPU, 100e9 / 8, True),
]


def all_reduce(ranks, link, is_gpu, options):
    copies = 2 * BYTES / options.bus if is_gpu else 0
    latency = options.latency if link < NONE else 1e-6
    rate = min(link, options.host)
    sent = 2 * (ranks - 1) / ranks * BYTES
    return copies + sent / rate + BUCKETS * 2 * (ranks - 1) * latency


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", type=float, default=1.75e9, help="bytes/s of bench/allreduce.c")
    parser.add_argument("--bus", type=float, default=20e9, help="bytes/s between GPU and host")
    parser.add_argument("--latency", type=float, default=25e-6, help="seconds per message")
    options = parser.parse_args()
    print("| | pictures per rank | compute | all-reduce | speed, nothing hidden | all hidden |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, ranks, compute, link, is_gpu in CASES:
        for pictures in (128, 512):
            c = compute * pictures / 128
            a = all_reduce(ranks, link, is_gpu, options)
            worst, best = c / (c + a), c / max(c, a)
            print(
                f"| {name} | {pictures} | {1e3 * c:.0f} ms | {1e3 * a:.0f} ms | "
                f"{worst:.2f} x {ranks} | {best:.2f} x {ranks} |"
            )


if __name__ == "__main__":
    main()
