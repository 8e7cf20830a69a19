"""Pictures from Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import pixels
from PIL import Image

import dcgan


def test_a_folder_is_a_sequence_of_pictures(photos: Path) -> None:
    data = dcgan.Dataset(photos)
    assert len(data) == 24 and data.shape == (24, 64, 64, 3)
    names = [data.name(index) for index in range(24)]
    assert names == sorted(names)
    assert data[3].shape == (64, 64, 3) and data[3].dtype == np.uint8
    assert (data[3] == pixels(photos / names[3])).all()
    assert (data[-1] == data[23]).all()
    assert data[:8].shape == (8, 64, 64, 3)
    assert (data[[5, 1]] == np.stack([data[5], data[1]])).all()
    assert (data[np.arange(24) == 7] == data[7:8]).all()
    assert sum(1 for _ in data) == 24


def test_pictures_are_resized_and_turned_grey(photos: Path) -> None:
    assert dcgan.Dataset(photos, image_size=32, channels=1).shape == (24, 32, 32, 1)


def test_an_index_beyond_the_end_is_an_index_error(photos: Path) -> None:
    with pytest.raises(IndexError, match="picture 24 of 24"):
        dcgan.Dataset(photos)[24]
    with pytest.raises(TypeError, match="pictures have whole numbers, not a str"):
        dcgan.Dataset(photos)["first"]


def test_batches_hold_every_picture_once_in_the_order_of_the_seed(photos: Path) -> None:
    data = dcgan.Dataset(photos)
    batches = list(data.batches(10))
    assert [batch.shape for batch in batches] == [(10, 64, 64, 3)] * 2
    everything = {picture.tobytes() for batch in data.batches(8) for picture in batch}
    assert everything == {picture.tobytes() for picture in data}
    assert not (next(data.batches(8, seed=1)) == batches[0][:8]).all()
    with pytest.raises(ValueError, match="a batch has 1 to 24 of these pictures"):
        data.batches(25)


def test_subfolders_are_classes(tmp_path: Path) -> None:
    for name, count in [("cats", 2), ("dogs", 3)]:
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number, picture in enumerate(dcgan.draw_faces(count, 32)):
            Image.fromarray(picture).save(tmp_path / "pets" / name / f"{number}.png")
    data = dcgan.Dataset("pets", image_size=32)
    assert data.classes == ["cats", "dogs"]
    assert data.labels is not None and data.labels.tolist() == [0, 0, 1, 1, 1]


def test_the_drawn_faces_have_attributes() -> None:
    data = dcgan.Dataset("demo", count=30)
    assert len(data) == 30 and "Smiling" in data.attributes
    smiling = data.attribute("smiling")
    assert smiling.shape == (30,) and smiling.dtype == np.bool_ and 0 < smiling.sum() < 30
    with pytest.raises(ValueError, match="has no attribute 'Frowning'; there are"):
        data.attribute("Frowning")
    assert (data[:] == dcgan.draw_faces(30)).all(), "as demo draws them"


def test_arrays_of_numpy_are_read_from_their_file() -> None:
    pictures = dcgan.draw_faces(5)
    np.save("faces.npy", pictures)
    assert (dcgan.Dataset("faces.npy")[:] == pictures).all()


def test_a_data_loader_of_torch_reads_it(photos: Path) -> None:
    data = pytest.importorskip("torch.utils.data", reason="PyTorch is not installed")
    batch = next(iter(data.DataLoader(dcgan.Dataset(photos), batch_size=4)))
    assert tuple(batch.shape) == (4, 64, 64, 3)


def test_a_grid_lays_pictures_side_by_side() -> None:
    faces = dcgan.draw_faces(5, 32)
    grid = dcgan.grid(faces, columns=3)
    assert grid.shape == (64, 96, 3)
    assert (grid[:32, 32:64] == faces[1]).all() and (grid[32:, 64:] == 255).all()
    assert dcgan.grid(faces[..., :1]).shape == (64, 96, 3)
    assert Image.fromarray(grid).size == (96, 64)
