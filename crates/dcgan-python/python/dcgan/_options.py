"""The options of a training with their types, for editors and type checkers."""

from __future__ import annotations

from typing import Literal, TypedDict

from ._words import PathLike

__all__ = ["TrainOptions"]


class TrainOptions(TypedDict, total=False):
    """The options of ``dcgan.train``, named as those of ``dcgan train``."""

    epochs: int | None
    steps: int | None
    preset: Literal["tutorial", "pytorch", "paper", "small", "laptop"] | None
    image_size: int | None
    channels: int | Literal["grey", "colour"] | None
    z_dim: int | None
    ngf: int | None
    ndf: int | None
    upsample: Literal["transposed", "nearest", "bilinear"] | None
    d_norm: Literal["batch", "none"] | None
    spectral_norm: bool | None
    d_bias: bool | None
    batch_size: int | None
    learning_rate: float | None
    learning_rate_g: float | None
    learning_rate_d: float | None
    learning_rate_decay: float | None
    beta1: float | None
    beta2: float | None
    loss: Literal["bce", "hinge", "relativistic"] | None
    d_steps: int | None
    ema: bool | int | None
    reuse_noise: bool | None
    seed: int | None
    precision: Literal["f32", "f16", "bf16"] | None
    sync_batch_norm: bool | None
    config: PathLike | None
    start_from: PathLike | None
    augment: Literal["none", "light", "full", "auto"] | None
    gradient_penalty: float | None
    lecam: float | None
    label_smoothing: float | None
    instance_noise: float | None
    format: str | None
    split: Literal["train", "valid", "test", "all"] | None
    crop: Literal["center", "random", "none"] | None
    flip: bool | None
    background: str | None
    levels: str | None
    count: int | None
    no_cache: bool | None
    cache_dir: PathLike | None
    report_every: int | None
    checkpoint_every: int | str | None
    keep: int | None
    on_write_error: Literal["stop", "continue"] | None
    tensorboard: bool | None
    evaluate_every: int | str | None
    inception: PathLike | None
    device: str | None
    threads: int | None
    ignore_memory: bool | None
