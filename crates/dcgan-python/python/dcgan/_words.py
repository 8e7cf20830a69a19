"""Keyword arguments as the words of a command: ``learning_rate=1e-4`` is ``--learning-rate=0.0001``."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Mapping
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from . import _dcgan
from ._errors import InvalidArgumentError

__all__ = ["PathLike", "path_word", "shown", "words_of"]

PathLike = str | os.PathLike[str]

#: Options that are about the command itself: Python has another way, or none is needed.
ONLY_COMMANDS = {
    "color", "dry-run", "force", "grid", "help", "json", "out", "quiet", "rank-timeout", "resume",
    "trace", "verbose",
}

#: Flags that can also be switched off, because a preset or ``config`` may have switched them on.
WITH_OPPOSITE = {"d-bias", "ema", "flip", "reuse-noise", "spectral-norm", "sync-batch-norm"}

#: Names that other libraries and tutorials have for options.
ELSEWHERE = {
    "bs": "batch_size", "img_size": "image_size", "latent_dim": "z_dim", "lr": "learning_rate",
    "lr_d": "learning_rate_d", "lr_g": "learning_rate_g", "max_steps": "steps", "n_epochs": "epochs",
    "num_epochs": "epochs", "num_steps": "steps", "num_workers": "threads", "nz": "z_dim",
    "random_state": "seed", "resolution": "image_size", "workers": "threads",
}


@functools.cache
def options_of(command: str) -> Mapping[str, bool]:
    """The options of a command, and whether they take a value."""
    options = _dcgan.options_of(command)
    return {name: takes_value for name, takes_value, _ in options if name not in ONLY_COMMANDS}


def words_of(function: str, command: str, options: Mapping[str, Any]) -> list[str]:
    """The words of keyword arguments. ``None`` is the default, as if it were not given."""
    known = options_of(command)
    words = []
    for name, value in options.items():
        flag = name.replace("_", "-")
        if flag not in known or name.startswith("no_") and flag[3:] in WITH_OPPOSITE:
            raise TypeError(unknown(function, name, known))
        if value is None:
            continue
        if isinstance(value, (bool, np.bool_)):
            words += switch_words(function, name, bool(value), known[flag])
        elif known[flag]:
            words.append(f"--{flag}={value_word(function, name, value)}")
        else:
            raise TypeError(f"{function}({name}=…) is True or False, not {shown(value)}")
    return words


def switch_words(function: str, name: str, value: bool, takes_value: bool) -> list[str]:
    """The words of True or False."""
    flag = name.replace("_", "-")
    if takes_value and flag not in WITH_OPPOSITE:
        raise TypeError(f"{function}({name}={value}): {name} takes a value, not {value}")
    if value:
        return [f"--{flag}"]
    return [f"--no-{flag}"] if flag in WITH_OPPOSITE else []


def value_word(function: str, name: str, value: Any) -> str:
    """The word of a value."""
    if isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return path_word(function, name, value)
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return repr(float(value))
    if isinstance(value, (range, list, tuple)) and value:
        return ",".join(value_word(function, name, one) for one in value)
    raise TypeError(f"{function}({name}=…) takes a number, a text or a path, not {shown(value)}")


def path_word(function: str, name: str, value: object) -> str:
    """A path, which is no picture and no open file."""
    if not isinstance(value, (str, os.PathLike)):
        hint = ""
        if hasattr(value, "__array__"):
            hint = "; pictures in memory can be saved with numpy.save('photos.npy', pictures) before"
        raise TypeError(f"{function}({name}=…) takes a path, not {shown(value)}{hint}")
    path = os.fspath(value)
    if not isinstance(path, str):
        raise TypeError(f"{function}({name}=…) takes a path of text, not of bytes")
    if not path:
        raise InvalidArgumentError(f"{function}({name}=''): the path is empty")
    return str(Path(path).expanduser()) if path.startswith("~") else path


def shown(value: object) -> str:
    """What a value is, in a sentence."""
    if value is None:
        return "None"
    shape = getattr(value, "shape", None)
    kind = {"ndarray": "array"}.get(type(value).__name__, type(value).__name__)
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    if shape is not None:
        return f"{article} {kind} of shape {list(shape)}"
    return f"{article} {kind}"


def unknown(function: str, name: str, known: Mapping[str, bool]) -> str:
    """Why there is no such argument."""
    flag = name.replace("_", "-")
    line = f"{function}() has no argument '{name}'"
    if flag in ONLY_COMMANDS:
        return f"{line}: that is an option of the command `dcgan` alone"
    if name.startswith("no_") and flag[3:] in known:
        return f"{line}: give {name[3:]}=False"
    names = [one.replace("-", "_") for one in known]
    elsewhere = ELSEWHERE.get(name)
    meant = [elsewhere] if elsewhere in names else difflib.get_close_matches(name, names, n=1)
    return f"{line}; did you mean {meant[0]}?" if meant else f"{line}; see help(dcgan.{function})"
