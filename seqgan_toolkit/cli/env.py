"""`env`: what a report of a fault should carry."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator

_PACKAGES = ("seqgan-toolkit", "torch", "torchaudio", "numpy", "librosa", "sentencepiece", "scikit-learn", "pydantic")


def env() -> None:
    """Print versions, devices and directories."""
    for name, value in facts():
        print(f"{name:<16}{value}")


def facts() -> Iterator[tuple[str, str]]:
    """Yield the names and values that `env` prints."""
    from seqgan_toolkit.data.named import DATA_VARIABLE, cache_directory
    from seqgan_toolkit.recipe.catalogue import catalogue_directory

    yield "python", platform.python_version()
    yield "system", platform.platform()
    for package in _PACKAGES:
        yield package, _version(package)
    yield "cuda", _cuda()
    yield "cores", str(os.cpu_count())
    yield "cache", str(cache_directory())
    yield "data root", os.environ.get(DATA_VARIABLE, f"not set ({DATA_VARIABLE})")
    yield "recipes", str(catalogue_directory())


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _cuda() -> str:
    """Name the CUDA version that torch was built with, and the device that it finds."""
    try:
        import torch
    except ImportError as error:
        return f"unknown: torch does not import ({error})"
    if torch.version.cuda is None:
        return "torch is built without it"
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no device"
    return f"{torch.version.cuda}, {device}"
