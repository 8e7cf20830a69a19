"""Training."""

from __future__ import annotations

import atexit
import weakref
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _dcgan
from ._lines import printing
from ._progress import Progress
from ._report import Report
from ._run import Run
from ._words import PathLike, path_word, words_of

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import TrainOptions

__all__ = ["Trainer", "train"]

#: How often, in seconds, the progress is shown and Ctrl-C is looked for.
TICK = 0.1

#: Trainings that have not ended, which a program that ends should save.
RUNNING: weakref.WeakSet[Trainer] = weakref.WeakSet()


class Trainer:
    """A training, report by report.

    It takes what :func:`dcgan.train` takes. Iterating trains to the next report::

        for report in dcgan.Trainer("photos/", report_every=200):
            print(report.step, report.loss_d, report.loss_g)
            picture = report.grid()  # uint8 [height, width, 3]

    The training waits while the loop's body runs. When the loop ends early (``break``, an exception, Ctrl-C)
    :meth:`close` saves the run, and ``dcgan.train(resume=trainer.run)`` continues it; a ``with`` statement closes
    it in any case.
    """

    def __init__(
        self,
        data: PathLike | None = None,
        *,
        resume: PathLike | None = None,
        out: PathLike | None = None,
        progress: bool = True,
        **options: Unpack[TrainOptions],
    ) -> None:
        words = training_words(data, resume, out, dict(options))
        with printing():
            self._inner = _dcgan.Training(words)
        self._progress = Progress(
            str(self._inner.run), self._inner.first_step, self._inner.total_steps, progress
        )
        self._is_closed = False
        RUNNING.add(self)

    def __repr__(self) -> str:
        return f"<dcgan.Trainer {str(self._inner.run)!r}, step {self.step} of {self.total_steps}>"

    @property
    def run(self) -> Run:
        """The run that it writes."""
        return Run(self._inner.run)

    @property
    def step(self) -> int:
        """The last step that was made; 0 before the first one."""
        newest = self._inner.newest
        return self._inner.first_step - 1 if newest is None else newest[0]

    @property
    def total_steps(self) -> int:
        """The number of the last step."""
        return self._inner.total_steps

    @property
    def steps_per_epoch(self) -> int:
        """Steps in an epoch."""
        return self._inner.steps_per_epoch

    @property
    def config(self) -> str:
        """All settings, as in the run's ``config.toml``."""
        return self._inner.config

    @property
    def is_complete(self) -> bool:
        """Whether all steps are made."""
        return self._inner.outcome == "complete"

    def __iter__(self) -> Iterator[Report]:
        return self

    def __next__(self) -> Report:
        try:
            while not self._is_closed and self._inner.outcome is None:
                found = self._inner.wait(TICK)
                self._progress.step(self._inner.newest)
                if found is not None:
                    report = Report(**found)
                    self._progress.report(report)
                    return report
                self._progress.notes()
        except BaseException:
            # Ctrl-C, or an error of the training
            self.close()
            raise
        self.close()
        raise StopIteration

    def stop(self) -> None:
        """Asks the training to stop after its step. The report that it makes then is the last one."""
        self._inner.stop()

    def close(self) -> None:
        """Stops the training if it has not ended, and saves the run. Further calls do nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        RUNNING.discard(self)
        self._inner.stop()
        try:
            self._inner.join()
        finally:
            self._progress.close()

    def __del__(self) -> None:
        if not getattr(self, "_is_closed", True):
            self.close()

    def __enter__(self) -> Trainer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def train(
    data: PathLike | None = None,
    *,
    resume: PathLike | None = None,
    out: PathLike | None = None,
    progress: bool = True,
    **options: Unpack[TrainOptions],
) -> Run:
    """Trains a DCGAN on pictures, as ``dcgan train`` does, with the same defaults.

    Ctrl-C, or the interrupt button of a notebook, saves the run and raises ``KeyboardInterrupt``;
    ``dcgan.train(resume="runs/photos")`` continues it, also after the process was killed.

    Args:
        data: A folder (searched at any depth), an archive, a data set as downloaded, a pack, or ``"demo"`` for
            drawn faces.
        resume: Continue this run from its newest checkpoint, instead of starting one. Only ``epochs``, ``steps``
            and what is under *Saving*, *Evaluation* and *Computing* can be given with it.
        out: The directory of the new run; by default ``runs/NAME`` after the name of the data.
        progress: Show a bar in terminals and notebooks, and lines elsewhere.

    Length:
        epochs: Passes over the pictures; 50, or on few pictures as many steps as the preset needs.
        steps: Training steps, instead of ``epochs``; preset ``laptop`` makes 10,000, and 2,400 for demo.

    Networks:
        preset: ``"laptop"`` (the default: good pictures within half an hour on two cores), ``"pytorch"`` (the
            official tutorial), ``"tutorial"``, ``"paper"`` or ``"small"``.
        image_size: Width and height in pixels: 32, 64, 128 or 256; 64 by default, and 32 with preset ``laptop`` if
            the pictures are that small.
        channels: 1 (grey) or 3 (colour); as in the pictures by default.
        z_dim: Length of the latent vector.
        ngf: Width of the generator.
        ndf: Width of the discriminator.
        upsample: ``"transposed"``, ``"nearest"`` or ``"bilinear"``.
        d_norm: What normalises the discriminator: ``"batch"`` or ``"none"``.
        spectral_norm: Divide the discriminator's weights by their spectral norms.
        d_bias: Give the discriminator's first layer a bias, so that it sees the contrast of its pictures; only with
            preset ``laptop`` by default.

    Training:
        batch_size: Pictures in a batch; 128, or 16 with preset ``laptop``.
        learning_rate: Adam's learning rate; 0.0002, or 0.0006 with preset ``laptop``.
        learning_rate_g, learning_rate_d: That of one network, if it has its own.
        learning_rate_decay: The last part of the training in which learning rates fall to zero, such as 0.2.
        beta1, beta2: Adam's betas; 0.5 and 0.999.
        loss: ``"bce"``, ``"hinge"`` or ``"relativistic"``.
        d_steps: Updates of the discriminator in a step.
        ema: Draw with an average of the generator's weights: True, False, or its half-life in pictures.
        reuse_noise: Update the generator with the fakes of the discriminator's update.
        seed: A run is reproducible from it.
        precision: ``"f32"``, or ``"bf16"`` on a CPU with AMX-BF16 or AVX512-BF16, or on a GPU ``"f16"`` or
            ``"bf16"``.
        sync_batch_norm: Synchronise batch norm across the processes of mpirun (of the command alone).
        config: Start from the settings of this ``config.toml``, or of a run.
        start_from: Start with the weights of this run's newest checkpoint, or of this checkpoint.

    Regularisation:
        augment: ``"none"``, ``"light"``, ``"full"`` or ``"auto"``; with preset ``laptop`` by the number of
            pictures.
        gradient_penalty: The weight of the R1 penalty, often 0.1 to 10.
        lecam: The weight of LeCam's regularisation, for little data, often 0.1 to 1.
        label_smoothing: What is taken away from the target 1 of real pictures, such as 0.1.
        instance_noise: Standard deviation of noise on what the discriminator sees, such as 0.1.

    Pictures:
        format: The format of the data, if it is not detected.
        split: ``"train"``, ``"valid"``, ``"test"`` or ``"all"``.
        crop: ``"center"``, ``"random"`` or ``"none"``.
        flip: Mirror pictures at random.
        background: Behind transparent pictures, as ``"ffffff"``.
        levels: Levels of 16-bit pictures that become black and white: ``"full"``, ``"auto"`` or two numbers as
            in ``"700-1690"``.
        count: How many faces ``"demo"`` draws; 2,000.
        no_cache: Do not read or write the cache of decoded pictures.
        cache_dir: The directory of that cache.

    Saving:
        report_every: Steps between reports; 500, or fewer for short runs.
        checkpoint_every: Steps, or a time such as ``"10m"``, between checkpoints; one with each report.
        keep: How many newest checkpoints to keep beside the best; 3.
        on_write_error: ``"stop"`` or ``"continue"``.
        tensorboard: Write event files for TensorBoard into the run.

    Evaluation:
        evaluate_every: Steps, or a time, between evaluations, or ``"never"``.
        inception: Weights of Inception, to measure KID and FID in evaluations too.

    Computing:
        device: ``"cpu"``, or with a build for it ``"cuda"``, ``"vulkan"`` and so on.
        threads: Threads to compute with; all cores by default. The first call in a process counts.
        ignore_memory: Train even if the memory estimate exceeds what is available.

    Returns:
        The run, whose ``load()`` are the trained networks.

    Raises:
        NotFoundError: If the pictures, or the run to resume, are not there.
        InvalidArgumentError: If a setting cannot have its value.
        DcganError: If the pictures cannot be used, a file cannot be written, or the training diverges.
        KeyboardInterrupt: After Ctrl-C; the run is saved.

    Example:
        >>> run = dcgan.train("photos/", epochs=20, flip=True)
        >>> pictures = run.load().sample(64)  # uint8 [64, 64, 64, 3]
    """
    with Trainer(data, resume=resume, out=out, progress=progress, **options) as trainer:
        for _ in trainer:
            pass
        return trainer.run


def training_words(
    data: PathLike | None, resume: PathLike | None, out: PathLike | None, options: dict[str, Any]
) -> list[str]:
    """The words of a ``dcgan train``."""
    words = words_of("train", "train", options)
    for name, path in [("resume", resume), ("out", out)]:
        if path is not None:
            words.append(f"--{name}={path_word('train', name, path)}")
    if data is not None:
        words += ["--", path_word("train", "data", data)]
    elif resume is None and options.get("config") is None:
        raise TypeError(
            "train() needs pictures: give a folder, an archive or 'demo', or a run with resume=…"
        )
    return ["train", *words]


def close_all() -> None:
    """Saves the trainings that a program leaves behind."""
    for trainer in list(RUNNING):
        trainer.close()


atexit.register(close_all)
