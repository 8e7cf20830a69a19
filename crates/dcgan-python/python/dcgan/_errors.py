"""What goes wrong, as exceptions. Each has one sentence: what, where, and what to do."""

from __future__ import annotations

__all__ = ["DcganError", "InvalidArgumentError", "NotFoundError"]


class DcganError(Exception):
    """Anything that dcgan cannot do; the message says why, and what to do."""

    __module__ = "dcgan"


class InvalidArgumentError(DcganError, ValueError):
    """A value that an argument cannot have. It is a ``ValueError`` too."""

    __module__ = "dcgan"


class NotFoundError(DcganError, FileNotFoundError):
    """A file, a folder or a run that is not there. It is a ``FileNotFoundError`` too."""

    __module__ = "dcgan"

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
