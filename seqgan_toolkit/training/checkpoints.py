"""Checkpoints that are whole or not there, the newest few kept."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.errors import RunError, UserError
from seqgan_toolkit.files import atomic_path


class Checkpoints:
    """The checkpoints of a run: `step-NNNNNNNN.pt` for going on, `PHASE.pt` at the end of each phase.

    Args:
        directory: where they lie.
        keep: how many of the newest step checkpoints stay.
    """

    def __init__(self, directory: Path, keep: int) -> None:
        self.directory, self.keep = directory, keep

    def save(self, state: dict[str, Any], total_step: int) -> Path:
        """Write a checkpoint to go on from, then remove the oldest.

        Raises:
            RunError: the disk refused; the checkpoints before this one are untouched.
        """
        path = self._write(self.directory / f"step-{total_step:08d}.pt", state)
        for old in self._steps()[: -self.keep]:
            old.unlink()
        return path

    def save_phase(self, phase: str, state: dict[str, Any]) -> Path:
        """Write what a phase ended with, under the phase's name."""
        return self._write(self.directory / f"{phase}.pt", state)

    def newest(self) -> dict[str, Any] | None:
        """Load the newest checkpoint that can be read; None where there is none.

        Raises:
            UserError: there are checkpoints and none can be read.
        """
        paths = self._steps()
        for path in reversed(paths):
            try:
                return load(path)
            except UserError as error:
                say(f"{error}: trying the one before")
        if paths:
            raise UserError(
                f"{self.directory}: none of {len(paths)} checkpoint(s) can be read; remove them to start over"
            )
        return None

    def describe(self) -> str:
        """Return the names of the checkpoints to go on from, oldest first."""
        return ", ".join(path.name for path in self._steps()) or "none"

    def _steps(self) -> list[Path]:
        return sorted(self.directory.glob("step-*.pt"))

    def _write(self, path: Path, state: dict[str, Any]) -> Path:
        try:
            with atomic_path(path) as temporary:
                torch.save(state, temporary)
        except (OSError, RuntimeError) as error:
            full = isinstance(error, OSError) and error.errno == errno.ENOSPC
            reason = "the disk is full" if full else str(error).splitlines()[0]
            raise RunError(
                f"could not write the checkpoint {path}: {reason}. Checkpoints that stay: {self.describe()}. "
                "Make room and give the same command again to go on"
            ) from error
        return path


def load(path: Path) -> dict[str, Any]:
    """Load a checkpoint, tensors and plain data only.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises many kinds for a damaged file
        raise UserError(f"{path}: this checkpoint cannot be read ({type(error).__name__})") from error
    return state
