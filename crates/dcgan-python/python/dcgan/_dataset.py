"""Pictures as a training sees them."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any, SupportsIndex, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _dcgan
from ._arrays import seed_list
from ._errors import InvalidArgumentError
from ._lines import printing
from ._words import PathLike, path_word, shown, words_of

__all__ = ["Dataset", "draw_faces"]

#: The options of a training that say how pictures are read.
OPTIONS = {
    "background", "cache_dir", "channels", "count", "crop", "format", "image_size", "levels",
    "no_cache", "split", "threads",
}


class Dataset:
    """The pictures of a folder, an archive or a data set, cropped and resized as in a training.

    ``len(data)`` pictures; ``data[3]`` is one, ``data[:8]`` and ``data[[1, 5]]`` are several. It has the methods
    that ``torch.utils.data.DataLoader`` needs, too.

    Args:
        path: A folder (searched at any depth), an archive, a data set as downloaded, or ``"demo"``.
        **options: ``image_size``, ``channels``, ``crop``, ``background``, ``levels``, ``format``, ``split``,
            ``count`` (of demo), ``no_cache``, ``cache_dir`` and ``threads``, as for :func:`dcgan.train`.

    Example:
        >>> data = dcgan.Dataset("photos/", image_size=64)
        >>> for batch in data.batches(16):  # uint8 [16, 64, 64, 3]
        ...     ...
    """

    def __init__(self, path: PathLike, **options: Any) -> None:
        for name in options:
            if name not in OPTIONS:
                known = ", ".join(sorted(OPTIONS))
                raise TypeError(f"Dataset() has no argument '{name}'; there are {known}")
        self._path = path_word("Dataset", "path", path)
        words = words_of("Dataset", "train", options)
        with printing():
            self._inner = _dcgan.Pictures(["train", *words, "--", self._path])

    def __repr__(self) -> str:
        return f"<dcgan.Dataset {self._path!r} {list(self.shape)}>"

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Pictures, height, width, channels."""
        pictures, height, width, channels = self._inner.shape
        return pictures, height, width, channels

    @property
    def classes(self) -> list[str]:
        """The names of the classes: subfolders, or what the format has. Empty if there are none."""
        return self._inner.classes

    @property
    def labels(self) -> NDArray[np.int64] | None:
        """The class of each picture, int64 ``[N]``, −1 for none; ``None`` without classes."""
        return self._inner.labels

    @property
    def attributes(self) -> list[str]:
        """The names of the attributes, such as ``"Smiling"``. Empty if there are none."""
        return self._inner.attribute_names

    def attribute(self, name: str) -> NDArray[np.bool_]:
        """Which pictures have an attribute: bool ``[N]``."""
        found = self._inner.attribute(name)
        if found is None:
            known = ", ".join(self.attributes) or "none"
            raise InvalidArgumentError(f"{self._path} has no attribute {name!r}; there are {known}")
        return found

    def name(self, index: SupportsIndex) -> str:
        """The name of a picture within the data."""
        return self._inner.name(self._index(index)) or ""

    @overload
    def __getitem__(self, index: SupportsIndex) -> NDArray[np.uint8]: ...
    @overload
    def __getitem__(self, index: slice | ArrayLike) -> NDArray[np.uint8]: ...
    def __getitem__(self, index: Any) -> NDArray[np.uint8]:
        """One picture ``[H, W, C]``, or several ``[N, H, W, C]``; uint8."""
        if isinstance(index, slice):
            return self._inner.pictures(range(*index.indices(len(self))))
        if isinstance(index, SupportsIndex) and not isinstance(index, (np.ndarray, bool)):
            picture: NDArray[np.uint8] = self._inner.pictures([self._index(index)])[0]
            return picture
        array = np.asarray(index)
        if array.ndim == 1 and array.dtype == np.bool_ and len(array) == len(self):
            array = np.flatnonzero(array)
        if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size > 0):
            raise TypeError(f"pictures have whole numbers, not {shown(index)}")
        return self._inner.pictures([self._index(one) for one in array.tolist()])

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for index in range(len(self)):
            yield self[index]

    def batches(
        self, batch_size: int, *, seed: int = 0, epoch: int = 0
    ) -> Iterator[NDArray[np.uint8]]:
        """The batches of an epoch, in the order in which a training with this seed sees them.

        The last pictures that do not fill a batch are left out, as in training.

        Args:
            batch_size: Pictures in a batch, 1 to ``len(data)``.
            seed: The seed of the training.
            epoch: The epoch, from 0.

        Yields:
            uint8 ``[batch_size, H, W, C]``.
        """
        size = operator.index(batch_size)
        if not 1 <= size <= len(self):
            raise InvalidArgumentError(
                f"batches({batch_size}): a batch has 1 to {len(self)} of these pictures"
            )
        [seed], [epoch] = seed_list(seed), seed_list(epoch)
        order = self._inner.order(seed, epoch).tolist()
        return (
            self._inner.pictures(order[start : start + size])
            for start in range(0, len(order) - size + 1, size)
        )

    def _index(self, index: SupportsIndex) -> int:
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(f"picture {place} of {len(self)}")
        return place % len(self)


def draw_faces(n: int = 64, image_size: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """Draws cartoon faces, a data set that is always at hand; ``dcgan.train("demo")`` trains on them.

    Args:
        n: How many, 0 to 1,000,000.
        image_size: Width and height: 16 to 1024.
        seed: Another seed draws other faces.

    Returns:
        uint8 ``[N, image_size, image_size, 3]``.
    """
    count, size = operator.index(n), operator.index(image_size)
    if not 0 <= count <= 1_000_000:
        raise InvalidArgumentError(f"draw_faces({n}): draw 0 to 1000000 faces")
    if not 16 <= size <= 1024:
        raise InvalidArgumentError(f"draw_faces(image_size={size}): give 16 to 1024")
    [first] = seed_list(seed)
    return _dcgan.draw_faces(count, size, first)
