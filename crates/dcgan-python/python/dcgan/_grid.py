"""Pictures side by side."""

from __future__ import annotations

import math
import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import numbers
from ._errors import InvalidArgumentError

__all__ = ["grid"]


def grid(pictures: ArrayLike, columns: int | None = None) -> NDArray[np.uint8]:
    """Lays pictures side by side in one, for ``PIL.Image.fromarray`` or ``matplotlib``'s ``imshow``.

    Args:
        pictures: uint8 ``[N, H, W, C]``.
        columns: Pictures in a row; about a square by default.

    Returns:
        uint8 ``[rows * H, columns * W, 3]``; places without a picture are white.
    """
    array = numbers(pictures, "pictures")
    if array.dtype != np.uint8:
        raise TypeError(f"grid() takes pictures as uint8, not {array.dtype}")
    if array.ndim != 4 or array.shape[3] not in (1, 3) or len(array) == 0:
        raise InvalidArgumentError(
            f"grid() takes pictures of shape [N, H, W, 1 or 3], not {list(array.shape)}"
        )
    count, height, width, _ = array.shape
    across = math.ceil(math.sqrt(count)) if columns is None else operator.index(columns)
    if across < 1:
        raise InvalidArgumentError(f"grid(columns={columns}): give 1 or more")
    rows = math.ceil(count / across)
    whole = np.full((rows * across, height, width, 3), 255, dtype=np.uint8)
    whole[:count] = array
    whole = whole.reshape(rows, across, height, width, 3).swapaxes(1, 2)
    return whole.reshape(rows * height, across * width, 3)
