"""Trained networks: drawing, latent vectors, features."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import _dcgan
from ._arrays import latent_vectors, scaled_pictures, seed_list
from ._errors import InvalidArgumentError
from ._lines import printing
from ._words import PathLike, path_word, shown, words_of

__all__ = ["Model", "load"]

#: The limits of truncation.
TRUNCATION = (0.02, 10.0)

#: As many pictures as ``dcgan sample`` draws at once.
MOST_PICTURES = 10_000_000


def load(
    run: PathLike,
    checkpoint: str | int | None = None,
    *,
    raw: bool = False,
    device: str = "cpu",
    threads: int | None = None,
) -> Model:
    """Loads the networks of a run, to draw with them.

    Args:
        run: A run directory, a :class:`Run`, a checkpoint or a ``generator.safetensors``.
        checkpoint: Which weights of the run: ``"newest"`` (of its last report), ``"best"`` (of its best
            evaluation), or the number of a step whose checkpoint was kept. Newest by default.
        raw: Draw with the weights of the newest checkpoint instead of their average.
        device: Where to compute: ``"cpu"``, or with a build for it ``"cuda"``, ``"vulkan"`` and so on.
        threads: Threads to compute with; all cores by default. The first call in a process counts.

    Raises:
        NotFoundError: If there is no such run or checkpoint.
        DcganError: If its files cannot be read, or hold no generator.

    Example:
        >>> model = dcgan.load("runs/photos", "best")
        >>> pictures = model.sample(64, seed=0)
    """
    options = {"checkpoint": checkpoint, "raw": raw, "device": device, "threads": threads}
    words = words_of("load", "sample", options)
    with printing():
        return Model(_dcgan.Model(["sample", *words, "--", path_word("load", "run", run)]))


class Model:
    """A trained generator, and the discriminator beside it. :func:`dcgan.load` loads one.

    Pictures are arrays ``[N, H, W, C]``: uint8 from 0 to 255, or floats in [−1, 1] as the networks have them;
    C is 1 for grey and 3 for colour. Latent vectors are arrays ``[N, z_dim]``.
    """

    def __init__(self, inner: _dcgan.Model) -> None:
        if not isinstance(inner, _dcgan.Model):
            raise TypeError("a Model comes from dcgan.load(run)")
        self._inner = inner

    def __repr__(self) -> str:
        size = self.image_size
        return f"<dcgan.Model {self.path!r}, step {self.step}, preset {self.preset}, {size}x{size}>"

    @property
    def path(self) -> str:
        """Where it was loaded from."""
        return self._inner.words[0]

    @property
    def step(self) -> int:
        """The training step of its weights; 0 for imported ones."""
        return self._inner.step

    @property
    def preset(self) -> str:
        """The networks' preset."""
        return self._inner.preset

    @property
    def z_dim(self) -> int:
        """The length of a latent vector."""
        return self._inner.z_dim

    @property
    def image_size(self) -> int:
        """Width and height of a picture in pixels."""
        return self._inner.image_size

    @property
    def channels(self) -> int:
        """1 for grey pictures, 3 for colour."""
        return self._inner.channels

    def sample(
        self,
        n: int | None = None,
        seed: int | None = None,
        *,
        seeds: Iterable[int] | None = None,
        truncation: float | None = None,
    ) -> NDArray[np.uint8]:
        """Draws new pictures, the same bytes as ``dcgan sample``.

        Args:
            n: How many; 64 by default.
            seed: The seed of the first one, 0 by default; picture ``i`` has ``seed + i``. A picture depends on
                its seed alone.
            seeds: The seeds themselves, instead of ``n`` and ``seed``.
            truncation: Keeps latent coordinates within ±``truncation``: a smaller limit gives better and more
                similar pictures. 0.7 is usual.

        Returns:
            uint8 ``[N, H, W, C]``.
        """
        if seeds is None:
            n = 64 if n is None else n
            if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
                raise TypeError(f"sample(n) is a whole number, not {shown(n)}")
            if not 0 <= n <= MOST_PICTURES:
                raise InvalidArgumentError(f"sample({n}): draw 0 to {MOST_PICTURES} pictures at once")
            [first] = seed_list(0 if seed is None else seed)
            seeds = range(first, first + int(n))
        elif n is not None or seed is not None:
            raise TypeError("sample(seeds=…) says which pictures to draw: leave out n and seed")
        return self._inner.draw(self.latents(seeds, truncation=truncation))

    def latents(
        self, seeds: int | Iterable[int], *, truncation: float | None = None
    ) -> NDArray[np.float32]:
        """The latent vectors of seeds, which :meth:`decode` draws.

        Args:
            seeds: Whole numbers from 0 to 2**64 − 1.
            truncation: As for :meth:`sample`.

        Returns:
            float32 ``[N, z_dim]``; independent normal coordinates, or uniform ones in [−1, 1] with preset
            ``paper``.
        """
        if truncation is not None:
            if isinstance(truncation, bool) or not isinstance(truncation, (int, float, np.number)):
                raise TypeError(f"truncation is a number, not {shown(truncation)}")
            if not TRUNCATION[0] <= truncation <= TRUNCATION[1]:
                raise InvalidArgumentError(
                    f"truncation to {truncation}: it must be between {TRUNCATION[0]} and {TRUNCATION[1]:g}"
                )
            if self.preset == "paper":
                raise InvalidArgumentError(
                    "latent vectors of this generator are uniform, and only normal ones can be truncated"
                )
        return self._inner.latents(seed_list(seeds), truncation)

    def decode(self, z: ArrayLike, dtype: DTypeLike = np.uint8) -> NDArray[Any]:
        """Draws the pictures of latent vectors.

        Args:
            z: Latent vectors ``[N, z_dim]``, an array or a tensor of PyTorch; one vector ``[z_dim]`` is
                accepted too.
            dtype: ``numpy.uint8`` for bytes, or ``numpy.float32`` for what the generator computes, in
                [−1, 1].

        Returns:
            ``[N, H, W, C]``.
        """
        kind = np.dtype(dtype)
        if kind not in (np.dtype(np.uint8), np.dtype(np.float32)):
            raise InvalidArgumentError(f"decode(dtype={kind}): give uint8, or float32 for [-1, 1]")
        vectors = latent_vectors(z, self.z_dim)
        if kind == np.uint8:
            return self._inner.draw(vectors)
        return self._inner.values(vectors)

    def interpolate(
        self,
        stops: Iterable[int] | ArrayLike,
        frames: int = 16,
        *,
        mode: Literal["slerp", "lerp"] = "slerp",
        loop: bool = False,
    ) -> NDArray[np.uint8]:
        """Draws the pictures on a path through the latent space, as ``dcgan interpolate`` does.

        Args:
            stops: At least two seeds, or latent vectors ``[N, z_dim]``.
            frames: Pictures from one stop to the next.
            mode: ``"slerp"`` along the sphere on which nearly all latent vectors lie, ``"lerp"`` along straight
                lines.
            loop: Return to the first stop.

        Returns:
            uint8 ``[(N − 1) * frames + 1, H, W, C]``, or ``[N * frames, H, W, C]`` with ``loop``.
        """
        if mode not in ("slerp", "lerp"):
            raise InvalidArgumentError(f"interpolate(mode={mode!r}): give 'slerp' or 'lerp'")
        if isinstance(frames, bool) or not isinstance(frames, (int, np.integer)):
            raise TypeError(f"frames is a whole number, not {shown(frames)}")
        if not 1 <= frames <= 10_000:
            raise InvalidArgumentError(f"interpolate(frames={frames}): give 1 to 10000")
        z = self._stops(stops)
        if len(z) < 2:
            raise InvalidArgumentError("a path needs at least two stops: give two seeds, as in [1, 5]")
        return self._inner.draw(self._inner.path(z, int(frames), mode == "slerp", bool(loop)))

    def _stops(self, stops: Iterable[int] | ArrayLike) -> NDArray[np.float32]:
        """Seeds, or latent vectors, as latent vectors."""
        if isinstance(stops, (str, bytes, int)):
            raise TypeError(f"stops are seeds or latent vectors, not {shown(stops)}")
        given: Any = stops
        if isinstance(given, Iterable) and not hasattr(given, "__array__"):
            given = list(given)  # such as a range or a generator
        array = np.asarray(given)
        if array.ndim == 1 and array.dtype.kind in "iu":
            return self.latents(array.tolist())
        return latent_vectors(array, self.z_dim)

    def direction(
        self,
        attribute: str,
        data: PathLike | None = None,
        n: int = 5000,
        **options: Any,
    ) -> NDArray[np.float32]:
        """Finds where an attribute lies in the latent space, as ``dcgan direction`` does.

        A classifier on the discriminator's features learns the attributes of ``data`` and labels samples of the
        generator. ``model.decode(z + 3 * direction)`` then draws the pictures of ``z`` with more of it.

        Args:
            attribute: An attribute or a class of the pictures, such as ``"Smiling"``.
            data: Pictures with attributes, of the kind that the run was trained on, or ``"demo"``; by default
                those that it was trained on.
            n: How many samples to draw and label.
            **options: ``format``, ``split``, ``no_cache`` and ``cache_dir``, as for :func:`dcgan.train`.

        Returns:
            float32 ``[z_dim]``, as long as one standard deviation of a latent coordinate.
        """
        if not isinstance(attribute, str):
            raise TypeError(f"direction(attribute) is a name, not {shown(attribute)}")
        given = {"attribute": attribute, "count": n, **options}
        if data is not None:
            given["data"] = path_word("direction", "data", data)
        words = words_of("direction", "direction", given)
        path, *raw = self._inner.words
        with printing():
            return _dcgan.direction(["direction", *words, *raw, "--", path])

    def features(self, pictures: ArrayLike) -> NDArray[np.float32]:
        """What the discriminator sees in pictures: the paper's features for other tasks.

        They are the activations of all its layers but the last, each map max-pooled to 4×4.

        Args:
            pictures: ``[N, H, W, C]`` of this model's size, uint8 or floats in [−1, 1].

        Returns:
            float32 ``[N, features]``.
        """
        return self._inner.features(self._scaled(pictures))

    def discriminate(self, pictures: ArrayLike) -> NDArray[np.float32]:
        """How real the discriminator finds pictures.

        Args:
            pictures: ``[N, H, W, C]`` of this model's size, uint8 or floats in [−1, 1].

        Returns:
            float32 ``[N]``, logits: above 0 means real. ``1 / (1 + numpy.exp(-logits))`` are probabilities.
        """
        return self._inner.logits(self._scaled(pictures))

    def _scaled(self, pictures: ArrayLike) -> NDArray[np.float32]:
        return scaled_pictures(pictures, self.image_size, self.channels)
