"""How good pictures are, in figures."""

from __future__ import annotations

import json
from typing import Any

from . import _dcgan
from ._lines import printing
from ._model import Model
from ._words import PathLike, path_word, words_of

__all__ = ["evaluate"]


def evaluate(
    run: PathLike | Model, data: PathLike | None = None, n: int | None = None, **options: Any
) -> dict[str, Any]:
    """Measures how near drawn pictures are to real ones, as ``dcgan evaluate`` does.

    Args:
        run: A run, a checkpoint, a generator, a loaded :class:`Model`, or a folder or an archive of pictures.
        data: The real pictures: a path, or ``"demo"``; by default those that the run was trained on.
        n: The most pictures of either side; 10,000 by default. Figures of equal ``n`` compare.
        **options: The other options of ``dcgan evaluate``: ``seeds``, ``truncation``, ``checkpoint``, ``raw``,
            ``metrics`` (a list such as ``["swd", "kid"]``), ``inception`` (weights of Inception, for FID, KID
            and others), ``any_inception``, ``resize``, ``stats``, ``held_out``, ``image_size``, ``format``,
            ``split``, ``no_cache``, ``cache_dir``, ``device`` and ``threads``.

    Returns:
        A dictionary as ``dcgan evaluate --json`` prints it: ``swd`` with its ``mean`` (times 1000, smaller is
        better), ``memorisation``, with Inception also ``fid``, ``kid`` and others, and all they depend on.

    Example:
        >>> figures = dcgan.evaluate("runs/photos", n=2048)
        >>> figures["swd"]["mean"]
    """
    given = {"count": n, **options}
    if data is not None:
        given["data"] = path_word("evaluate", "data", data)
    raw: list[str] = []
    if isinstance(run, Model):
        path, *raw = run._inner.words
    else:
        path = path_word("evaluate", "run", run)
    words = words_of("evaluate", "evaluate", given)
    with printing():
        figures: dict[str, Any] = json.loads(
            _dcgan.evaluate(["evaluate", *words, *raw, "--", path])
        )
    return figures
