"""``python -m dcgan`` is the command ``dcgan``."""

from ._program import main

main()
