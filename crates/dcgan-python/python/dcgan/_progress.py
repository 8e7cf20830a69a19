"""The progress of a training: a bar in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

from ._lines import printed
from ._report import Report

__all__ = ["Progress"]

HEADING = "    step   loss D  loss G  accuracy real, fake  variety  distance"


class Progress:
    """Shows the steps and the reports of a training."""

    def __init__(self, name: str, first_step: int, total_steps: int, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._bar: Any = None
        self._has_heading = False
        self._problems: list[str] = []
        if is_shown and (in_notebook() or sys.stderr.isatty()):
            self._bar = bar(
                total=total_steps, initial=first_step - 1, desc=name, unit="step", dynamic_ncols=True
            )
        elif is_shown:
            print(f"{name}: steps {first_step} to {total_steps}", file=sys.stderr)
        self.notes()

    def notes(self) -> None:
        """Prints the notes that have come up."""
        printed(self._write if self._is_shown else None)

    def step(self, newest: tuple[int, float, float] | None) -> None:
        """Shows the newest step and its losses."""
        if self._bar is None or newest is None:
            return
        step, loss_d, loss_g = newest
        if step == self._bar.n:
            return
        self._bar.set_postfix_str(f"loss D {loss_d:.3f} G {loss_g:.3f}", refresh=False)
        # a training that is rolled back goes backwards
        self._bar.update(step - self._bar.n)

    def report(self, report: Report) -> None:
        """Shows a report: a line for it where there is no bar, and what has gone wrong everywhere."""
        self.notes()
        if not self._is_shown:
            return
        if self._bar is None:
            if not self._has_heading:
                self._write(HEADING)
                self._has_heading = True
            self._write(row(report))
        for problem in report.problems:
            if problem not in self._problems:
                self._write(f"  problem: {problem}.")
        self._problems = report.problems

    def close(self) -> None:
        """Leaves the bar as it is."""
        self.notes()
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _write(self, line: str) -> None:
        if self._bar is None:
            print(line, file=sys.stderr)
        else:
            self._bar.write(line, file=sys.stderr)


def bar(**options: Any) -> Any:
    """A bar of tqdm: a widget in notebooks that have widgets, and text everywhere else."""
    if in_notebook() and importlib.util.find_spec("ipywidgets") is None:
        from tqdm import tqdm
    else:
        from tqdm.auto import tqdm
    return tqdm(**options)


def row(report: Report) -> str:
    """A report as a line of a table."""
    return (
        f"{report.step:>8}{number(report.loss_d, 9)}{number(report.loss_g, 8)}"
        f"{report.accuracy_real:>15.0%},{report.accuracy_fake:>5.0%}"
        f"{number(report.diversity, 9, 2)}{number(report.distance, 10, 2)}"
    )


def number(value: float | None, width: int, digits: int = 3) -> str:
    """A number right-aligned, or a dash where there is none."""
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.{digits}f}"


def in_notebook() -> bool:
    """Whether this is a cell of a notebook, where bars are drawn without a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return type(shell).__name__ == "ZMQInteractiveShell"
