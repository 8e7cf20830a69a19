"""Checks of arrays that users give: shapes, types and ranges."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._errors import InvalidArgumentError
from ._words import shown

__all__ = ["latent_vectors", "numbers", "scaled_pictures", "seed_list"]

#: Seeds are whole numbers below this.
SEEDS = 2**64


def seed_list(seeds: int | Iterable[int]) -> list[int]:
    """Seeds as a list."""
    if isinstance(seeds, (str, bytes)):
        raise TypeError(f"seeds are whole numbers, not {shown(seeds)}: give [1, 5, 9] or range(64)")
    first = as_index(seeds)
    if first is None and not isinstance(seeds, Iterable):
        raise TypeError(f"seeds are whole numbers, not {shown(seeds)}")
    found: list[int] = []
    for seed in seeds if isinstance(seeds, Iterable) and first is None else [seeds]:
        number = as_index(seed)
        if number is None:
            raise TypeError(f"seeds are whole numbers, not {shown(seed)}")
        if not 0 <= number < SEEDS:
            raise InvalidArgumentError(f"seeds are whole numbers from 0 to 2**64 - 1, not {number}")
        found.append(number)
    return found


def as_index(value: Any) -> int | None:
    """A whole number of any library, such as an element of an array or of a tensor; None for all else."""
    if isinstance(value, (bool, np.bool_)):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def latent_vectors(z: ArrayLike, z_dim: int) -> NDArray[np.float32]:
    """Latent vectors as ``[N, z_dim]``; one vector is a row."""
    array = numbers(z, "z")
    if array.ndim == 1 and array.shape[0] == z_dim:
        array = array[np.newaxis]
    if array.ndim == 4 and array.shape[1:] == (z_dim, 1, 1):
        array = array[:, :, 0, 0]  # as PyTorch's tutorial has them
    if array.ndim != 2 or array.shape[1] != z_dim:
        raise InvalidArgumentError(
            f"z is of shape [N, {z_dim}] for this model, not {list(array.shape)}"
        )
    if not np.isfinite(array).all():
        raise InvalidArgumentError("z has values that are NaN or infinite")
    return np.ascontiguousarray(array, dtype=np.float32)


def scaled_pictures(pictures: ArrayLike, image_size: int, channels: int) -> NDArray[np.float32]:
    """Pictures ``[N, H, W, C]`` as the networks see them, in [−1, 1]."""
    array = numbers(pictures, "pictures")
    shape = (image_size, image_size, channels)
    if array.shape == shape:
        array = array[np.newaxis]
    if channels == 1 and array.ndim == 3 and array.shape[1:] == shape[:2]:
        array = array[..., np.newaxis]
    if array.ndim != 4 or array.shape[1:] != shape:
        line = f"pictures are of shape {['N', *shape]} for this model, not {list(array.shape)}"
        line = line.replace("'N'", "N")
        if array.ndim == 4 and array.shape[1:] == (channels, *shape[:2]):
            line += ": move the channels to the end with numpy.moveaxis(pictures, 1, 3)"
        raise InvalidArgumentError(line)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array, dtype=np.float32) / np.float32(127.5) - np.float32(1)
    if array.dtype.kind != "f":
        raise TypeError(
            f"pictures are uint8 from 0 to 255, or floats from -1 to 1, not {array.dtype}"
        )
    check_range(array)
    return np.ascontiguousarray(array, dtype=np.float32)


def check_range(array: NDArray[Any]) -> None:
    """Refuses floats that are not in [−1, 1], or that are surely meant otherwise."""
    if array.size == 0:
        return
    least, most = float(array.min()), float(array.max())
    if not (np.isfinite(least) and np.isfinite(most)):
        raise InvalidArgumentError("pictures have values that are NaN or infinite")
    if most > 1.001 or least < -1.001:
        hint = "give them as uint8" if least >= 0 and most <= 255 else "scale them"
        raise InvalidArgumentError(
            f"pictures as floats are in [-1, 1], and these are from {least:g} to {most:g}: {hint}"
        )
    if least >= 0:
        raise InvalidArgumentError(
            f"pictures as floats are in [-1, 1], and these look as if they were in [0, 1] "
            f"(from {least:g} to {most:g}): give 2 * pictures - 1, or uint8"
        )


def numbers(value: ArrayLike, name: str) -> NDArray[Any]:
    """An array of numbers; tensors of PyTorch are accepted."""
    if isinstance(value, (str, bytes)) or value is None:
        raise TypeError(f"{name} is an array, not {shown(value)}")
    detach = getattr(value, "detach", None)  # a tensor with gradients, or on another device
    given: Any = value if detach is None else detach().cpu()
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise InvalidArgumentError(f"{name} is no array: {error}") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} is an array of numbers, not of {array.dtype}")
    return array
