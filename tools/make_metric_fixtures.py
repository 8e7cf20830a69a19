"""Writes crates/dcgan-evaluate/tests/fixtures: metrics.json, what other tools compute, and statistics.npz.

The features are made by a rule that the test repeats (see `features`), so the file holds nothing but
results. FID is pytorch-fid's `calculate_frechet_distance` (scipy's sqrtm), KID, the Inception score,
precision and recall are torch-fidelity's, on the same subsets and in the same order; density and coverage
are their authors' formulas.

    pip install numpy scipy torch torchvision pytorch-fid torch-fidelity
    python tools/make_metric_fixtures.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kernel_mmd
from torch_fidelity.metric_prc import prc_features_to_metric

FOLDER = Path(__file__).parent.parent / "crates/dcgan-evaluate/tests/fixtures"


def features(count, width, seed, scale=1.0, offset=0.0):
    """Numbers from a linear congruential generator; float32, as features are."""
    state, values = seed, np.empty(count * width)
    for index in range(count * width):
        state = (state * 1664525 + 1013904223) % 2**32
        values[index] = (state >> 8) / 2**24
    mixed = values.reshape(count, width)
    # neighbouring features go together, so that the covariance is not nearly diagonal
    mixed = mixed + 0.5 * np.roll(mixed, 1, axis=1)
    return (scale * mixed + offset).astype(np.float32)


def frechet(one, other):
    statistics = [(x.mean(0), np.cov(x, rowvar=False)) for x in (one.astype(np.float64), other.astype(np.float64))]
    (mean, covariance), (other_mean, other_covariance) = statistics
    return float(calculate_frechet_distance(mean, covariance, other_mean, other_covariance))


def density_and_coverage(real, fake, k=5):
    distances = lambda a, b: np.sqrt(np.maximum(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1), 0))
    real, fake = real.astype(np.float64), fake.astype(np.float64)
    radii = np.sort(distances(real, real), axis=1)[:, k]
    between = distances(real, fake)
    density = (between < radii[:, None]).sum(0).mean() / k
    coverage = (between.min(1) < radii).mean()
    return float(density), float(coverage)


real = features(300, 24, 1)
fake = features(260, 24, 2, scale=0.7, offset=0.4)
logits = features(205, 30, 3, scale=6.0)
kid = dict(kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1, kid_kernel="poly")
prc = prc_features_to_metric(
    torch.tensor(fake, dtype=torch.float64), torch.tensor(real, dtype=torch.float64),
    prc_neighborhood=3, prc_batch_size=10000, save_cpu_ram=False, verbose=False,
)
score = isc_features_to_metric(torch.tensor(logits), splits=10, shuffle=False)
density, coverage = density_and_coverage(real, fake)
FOLDER.mkdir(parents=True, exist_ok=True)
results = {
    "frechet": frechet(real, fake),
    # the first 200 of each as one subset
    "kernel": float(kernel_mmd(real[:200].astype(np.float64), fake[:200].astype(np.float64), **kid)),
    "score": score["inception_score_mean"],
    "score_deviation": score["inception_score_std"],
    "precision": prc["precision"],
    "recall": prc["recall"],
    "density": density,
    "coverage": coverage,
}
lines = [f'  "{name}": {value!r}' for name, value in results.items()]
(FOLDER / "metrics.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")

mean, covariance = real.astype(np.float64).mean(0), np.cov(real.astype(np.float64), rowvar=False)
np.savez_compressed(FOLDER / "statistics.npz", mu=mean, sigma=covariance)
