"""Train recurrent GANs on sentences, audio clips, images read row by row and series, and generate from them.

    import seqgan_toolkit as sg

    run = sg.run("recipes/text_lstm.yaml", overrides={"seed": 3}, out="runs/third")
    run.generate(16)

Nothing heavy is imported before one of these names is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgan_toolkit.api import Run, evaluate, export, generate, load, load_artefact, prepare, run, train, validate

__all__ = [
    "Run",
    "evaluate",
    "export",
    "generate",
    "load",
    "load_artefact",
    "prepare",
    "run",
    "train",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import the Python API at the first use of one of its names."""
    if name not in __all__:
        raise AttributeError(f"module 'seqgan_toolkit' has no attribute '{name}'")
    from seqgan_toolkit import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted(__all__)
