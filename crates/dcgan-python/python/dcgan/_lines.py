"""What commands say while they work, printed where Python prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import _dcgan

__all__ = ["printed", "printing"]


def printed(write: Callable[[str], None] | None = None) -> None:
    """Prints the notes that have come up; other lines are only about what Python returns."""
    for is_note, line in _dcgan.take_lines():
        if is_note:
            text = f"note: {line}"
            if write is None:
                print(text, file=sys.stderr)
            else:
                write(text)


@contextmanager
def printing() -> Iterator[None]:
    """Prints the notes of what runs inside, also if it fails."""
    try:
        yield
    finally:
        printed()
