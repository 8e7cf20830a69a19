"""Trained networks from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import pixels, program, some_direction

import dcgan


def test_pictures_are_the_bytes_that_the_command_draws(model: dcgan.Model, trained: dcgan.Run) -> None:
    drawn = program("sample", trained.path, "--seeds", "5-7,900", "-o", "drawn/")
    assert drawn.returncode == 0, drawn.stderr
    pictures = model.sample(seeds=[5, 6, 7, 900])
    assert pictures.dtype == np.uint8 and pictures.shape == (4, 64, 64, 3)
    for seed, picture in zip([5, 6, 7, 900], pictures):
        assert (picture == pixels(Path(f"drawn/seed-{seed:06}.png"))).all()
    assert (model.sample(3, seed=5) == pictures[:3]).all()


def test_truncated_pictures_are_those_of_the_command(model: dcgan.Model, trained: dcgan.Run) -> None:
    program("sample", trained.path, "--seeds", "0-3", "--truncation", "0.5", "-o", "drawn.npy")
    assert (model.sample(4, truncation=0.5) == np.load("drawn.npy")).all()
    assert np.abs(model.latents(range(4), truncation=0.5)).max() <= 0.5


def test_latents_decode_to_the_pictures_of_their_seeds(model: dcgan.Model) -> None:
    z = model.latents(range(70))
    assert z.dtype == np.float32 and z.shape == (70, model.z_dim)
    assert (model.decode(z) == model.sample(70)).all()
    values = model.decode(z, np.float32)
    assert values.dtype == np.float32 and -1 <= values.min() and values.max() <= 1
    assert np.abs((values + 1) * 127.5 - model.decode(z)).max() <= 0.501
    assert (model.decode(z[0]) == model.sample(1)).all(), "one vector is a row"
    assert model.decode(z[:0]).shape == (0, 64, 64, 3)


def test_a_path_has_frames_from_one_stop_to_the_next(model: dcgan.Model, trained: dcgan.Run) -> None:
    frames = model.interpolate([1, 5, 9], frames=4)
    assert frames.shape == (9, 64, 64, 3)
    assert (frames[[0, 4, 8]] == model.sample(seeds=[1, 5, 9])).all()
    program("interpolate", trained.path, "--seeds", "1,5,9", "--frames", "4", "--loop", "-o", "path.npy")
    assert (model.interpolate([1, 5, 9], frames=4, loop=True) == np.load("path.npy")).all()
    z = model.latents([1, 5])
    straight = model.interpolate(z, frames=2, mode="lerp")
    assert (straight[1] == model.decode(z.mean(axis=0))[0]).all()


def test_features_are_those_of_the_command(
    model: dcgan.Model, trained: dcgan.Run, photos: Path
) -> None:
    done = program("features", trained.path, "--data", photos, "-o", "features.npy")
    assert done.returncode == 0, done.stderr
    data = dcgan.Dataset(photos)
    features = model.features(data[:])
    assert np.allclose(features, np.load("features.npy"), atol=1e-5)
    scaled = data[:].astype(np.float32) / 127.5 - 1
    assert np.allclose(model.features(scaled), features, atol=1e-5)


def test_the_discriminator_returns_a_logit_for_each_picture(model: dcgan.Model, photos: Path) -> None:
    real, fake = dcgan.Dataset(photos)[:], model.sample(24)
    logits = model.discriminate(real)
    assert logits.shape == (24,) and logits.dtype == np.float32
    assert model.discriminate(np.concatenate([real, fake]))[:24] == pytest.approx(logits, abs=1e-5)


def test_a_direction_is_that_of_the_command(run: dcgan.Run, faces: Path) -> None:
    model = run.load()
    attribute, direction = some_direction(model, faces)
    assert direction.shape == (model.z_dim,) and np.isfinite(direction).all()
    options = ["--attribute", attribute, "--data", faces, "-n", 300, "-o", "found.safetensors"]
    done = program("direction", run.path, *options)
    assert done.returncode == 0, done.stderr
    written = np.frombuffer(Path("found.safetensors").read_bytes()[-4 * model.z_dim :], np.float32)
    assert (direction == written).all()


def test_a_checkpoint_is_chosen_by_its_step(run: dcgan.Run) -> None:
    newest, older = dcgan.load(run), run.load(4)
    assert (newest.step, older.step) == (6, 4)
    assert dcgan.load(run.path / "generator.safetensors").step == 6
    assert (run.load("best").sample(1) != 0).any()
    with pytest.raises(dcgan.DcganError, match="has no checkpoint of step 5: give one of 2, 4, 6"):
        run.load(5)


def test_an_averaged_generator_has_raw_weights_too(photos: Path) -> None:
    run = dcgan.train(photos, steps=3, ema=100, preset="small", ngf=4, ndf=4, batch_size=8, progress=False)
    averaged, raw = run.load(), run.load(raw=True)
    assert (averaged.sample(4) != raw.sample(4)).any()


def test_models_describe_themselves(model: dcgan.Model) -> None:
    assert (model.z_dim, model.image_size, model.channels, model.preset) == (8, 64, 3, "small")
    assert "step 6" in repr(model)


def test_evaluate_returns_the_figures_of_the_command(
    trained: dcgan.Run, model: dcgan.Model, photos: Path
) -> None:
    import json

    figures = dcgan.evaluate(trained, data=photos, n=24, metrics=["swd"])
    done = program("evaluate", trained.path, "--data", photos, "-n", 24, "--metrics", "swd", "--json")
    assert figures == json.loads(done.stdout)
    assert figures["swd"]["mean"] > 0
    assert dcgan.evaluate(model, data=photos, n=24, metrics=["swd"])["swd"] == figures["swd"]


def test_torch_reads_and_gives_latent_vectors(model: dcgan.Model) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    z = torch.from_numpy(model.latents(range(4)))
    assert (model.decode(z) == model.sample(4)).all()
    assert (model.decode(z[:, :, None, None]) == model.sample(4)).all(), "as the tutorial has them"
    assert (model.decode(z.clone().requires_grad_()) == model.sample(4)).all(), "as an optimiser has them"
    assert (model.sample(seeds=torch.arange(4)) == model.sample(4)).all()
    batch = torch.from_numpy(model.sample(4))
    assert batch.dtype == torch.uint8 and batch.shape == (4, 64, 64, 3)
