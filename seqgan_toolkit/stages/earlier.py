"""What an earlier call of `generate` drew, as its `samples.json` has it, so that one sample can be made once more."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.stages.directory import RunDirectory


@dataclass(frozen=True)
class Earlier:
    """An earlier call.

    Attributes:
        file: the `samples.json` that tells of it.
        wanted: what was asked for.
        num: how many samples there were.
        hashes: of the checkpoint and the recipe that they came from.
    """

    file: Path
    wanted: Wanted
    num: int
    hashes: dict[str, str]

    def check(self, directory: RunDirectory, checkpoint: str, index: int) -> None:
        """Refuse a model that is not the one that drew them, and a sample that there was not.

        Raises:
            UserError: it is another model, or there are fewer samples.
        """
        if not 0 <= index < self.num:
            raise UserError(f"--index {index}: {self.file} has the samples 0 to {self.num - 1}")
        different = [name for name, value in hashes(directory, checkpoint).items() if self.hashes.get(name) != value]
        if different:
            raise UserError(
                f"{self.file}: its samples did not come from {directory.path} as it is now "
                f"(other: {', '.join(different)}): give the run that they came from, or generate anew"
            )


def hashes(directory: RunDirectory, checkpoint: str) -> dict[str, str]:
    """Return what tells one model from all others: the SHA-256 of its checkpoint and of its recipe."""
    paths = {"checkpoint": directory.checkpoints / checkpoint, "recipe": directory.recipe_file}
    digests = {}
    for name, path in paths.items():
        with open(path, "rb") as file:
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def read_earlier(path: Path) -> Earlier:
    """Read a `samples.json`.

    Raises:
        UserError: it is not one, or tells of a sample that was itself made once more.
    """
    try:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        given = {field.name: described[field.name] for field in fields(Wanted)}
        num, sums = len(described["samples"]), described["sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"--again {path}: this is not a samples.json of this version of 'generate'") from error
    if given["again"] is not None:
        raise UserError(f"--again {path}: its sample was made again from {given['again']}: name that file")
    return Earlier(path, Wanted(**given), num, sums)
