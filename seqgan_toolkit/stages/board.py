"""Previews of sounds in TensorBoard, where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.base import Artefacts, Domain

Board = Callable[[int, Artefacts, Sequence[str]], None]
"""Takes the number of steps done, what was made for the preview, and the label of each."""


def open_board(directory: Path, domain: Domain) -> Board:
    """Return what shows previews in TensorBoard; it does nothing where that is missing, or for what makes no sound.

    Args:
        directory: where TensorBoard's files go.
        domain: what the previews come from.
    """
    if not isinstance(domain, AudioDomain) or find_spec("tensorboard") is None:
        return lambda step, artefacts, captions: None
    sample_rate = domain.spec.sample_rate

    @cache
    def writer() -> Any:
        # At the first preview, which one process of all makes; by name, since its types hang on whether it is there.
        return import_module("torch.utils.tensorboard").SummaryWriter(str(directory))

    def show(step: int, artefacts: Artefacts, captions: Sequence[str]) -> None:
        for index, waveform in enumerate(artefacts):
            name = f"preview/{index:02d} {captions[index] if captions else ''}".rstrip()
            writer().add_audio(name, np.asarray(waveform)[None], step, sample_rate)
        writer().flush()

    return show
