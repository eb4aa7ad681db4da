"""The one door to torchaudio: its compiled part fits few builds of torch, and says so badly."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from seqgan_toolkit.errors import UserError

FITTING = "torch>=2.11,<2.15 with torchaudio>=2.11,<2.12"


def load_torchaudio() -> ModuleType:
    """Import torchaudio.

    Raises:
        UserError: it does not import beside this torch; the message names the versions found and those that fit.
    """
    try:
        return importlib.import_module("torchaudio")
    except (ImportError, OSError, RuntimeError) as error:
        raise UserError(
            f"the audio domain needs torchaudio, which does not import here "
            f"({type(error).__name__}: {_first_line(error)}). Found torch {_version('torch')} and torchaudio "
            f"{_version('torchaudio')}; these fit: {FITTING}. A CPU-only build of torch does not fit torchaudio's "
            f"wheel: install both with pip install 'torch>=2.11,<2.15' 'torchaudio>=2.11,<2.12'"
        ) from error


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]
