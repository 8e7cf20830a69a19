"""The command ``dcgan``, which the package brings along."""

from __future__ import annotations

import signal
import sys

from . import _dcgan

__all__ = ["main"]


def main() -> None:
    """Runs the program ``dcgan`` with the words of the command line, and exits as it does."""
    # signals do to it what they do to the program alone, unless the shell has it ignore them
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    succeeded = _dcgan.run_program(["dcgan", *sys.argv[1:]])
    sys.exit(0 if succeeded else 1)
