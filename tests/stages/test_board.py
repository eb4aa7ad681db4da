from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seqgan_toolkit.domains.audio import AudioDomain, FeatureSpec
from seqgan_toolkit.domains.audio.features import FrameScale
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.stages import board
from seqgan_toolkit.stages.board import open_board


@pytest.fixture
def sounds() -> AudioDomain:
    return AudioDomain(FeatureSpec(), FrameScale(-9.0, (0.0,) * 64))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is written to a TensorBoard that is made believe to be installed."""
    calls: list[Any] = []

    class Writer:
        def __init__(self, folder: str) -> None:
            calls.append(folder)

        def add_audio(self, name: str, sound: Any, step: int, sample_rate: int) -> None:
            calls.append((name, sound.shape, step, sample_rate))

        def flush(self) -> None:
            calls.append("flush")

    monkeypatch.setattr(board, "find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Writer))
    return calls


def test_clips_are_heard_by_step_and_label(sounds: AudioDomain, written: list[Any], tmp_path: Path) -> None:
    show = open_board(tmp_path, sounds)
    show(500, [np.zeros(80, np.float32), np.zeros(160, np.float32)], ["cat", "dog"])
    show(1000, [np.zeros(80, np.float32)], [])
    assert written == [
        str(tmp_path),
        ("preview/00 cat", (1, 80), 500, 8000),
        ("preview/01 dog", (1, 160), 500, 8000),
        "flush",
        ("preview/00", (1, 80), 1000, 8000),
        "flush",
    ]


def test_images_and_a_machine_without_it_write_nothing(
    sounds: AudioDomain, written: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_board(tmp_path, RowsDomain(8, 8))(1, [np.zeros((8, 8), np.uint8)], [])
    monkeypatch.setattr(board, "find_spec", lambda name: None)
    open_board(tmp_path, sounds)(1, [np.zeros(80, np.float32)], [])
    assert written == []
