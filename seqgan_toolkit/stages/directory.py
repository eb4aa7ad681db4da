"""The run directory: what lies where, and whose it is."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import HeldOut
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import atomic_path, make_output, read_json, write_json
from seqgan_toolkit.recipe.differences import differences
from seqgan_toolkit.recipe.loading import dump_recipe, load_recipe
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.run_path import RECIPE_FILE, check_run

MODELS = {
    "ensemble": "ensemble",
    "teacher_forced": "teacher_forcing",
    "cooperative": "cooperative",
    "timegan": "timegan",
    "vocoder": "vocoder",
    "adversarial": "adversarial",
    "backward": "backward",
    "product": "product",
    "residual": "residual",
    "best": "best",
}
"""The models of a run, in the order in which they are made, and the phase that each is the end of; `best` is the best
of all previews, where `logging.keep_best` is set."""

TILTED = ("product", "residual")
"""The models that are a generator's distribution under a tilt."""

DISCRIMINATORS = ("adversarial", "discriminator_pretraining")
"""The phases that train a discriminator, the last one first."""


MOST_NAMED = 10
"""Of what sets another recipe apart, so that a message stays one that is read."""


@dataclass(frozen=True)
class RunDirectory:
    """One directory for one recipe.

    Attributes:
        path: the directory.
    """

    path: Path

    @property
    def recipe_file(self) -> Path:
        """The resolved recipe."""
        return self.path / RECIPE_FILE

    @property
    def corpus(self) -> Path:
        """The prepared data."""
        return self.path / "corpus"

    @property
    def checkpoints(self) -> Path:
        """The checkpoints."""
        return self.path / "checkpoints"

    @property
    def vocoder(self) -> RunDirectory:
        """The part of a vocoder's run that travels with this one, where its recipe names a vocoder."""
        return RunDirectory(self.path / "vocoder")

    @property
    def metrics(self) -> Path:
        """The values logged while training."""
        return self.path / "metrics.jsonl"

    @property
    def board(self) -> Path:
        """What TensorBoard shows, where it is installed."""
        return self.path / "tensorboard"

    def evaluation(self, split: HeldOut = "test", num: int | None = None) -> Path:
        """Return what `evaluate` measured against a split; of `num` samples where the usual file has more."""
        return self._measured("evaluation", split, "json", num)

    def curve(self, split: HeldOut = "test", num: int | None = None) -> Path:
        """Return what `evaluate` measured at several temperatures."""
        return self._measured("curve", split, "json", num)

    def curve_picture(self, split: HeldOut = "test", num: int | None = None) -> Path:
        """Return the same as a picture."""
        return self._measured("curve", split, "png", num)

    @property
    def generated(self) -> Path:
        """Where `generate` writes when it is not told where."""
        return self.path / "generated"

    def samples(self, step: int) -> Path:
        """Return where the preview after `step` steps goes."""
        return self.path / "samples" / f"step-{step:08d}"

    def phase_checkpoint(self, model: str) -> Path:
        """Return the checkpoint at the end of the phase that makes `model`."""
        return self.checkpoints / f"{MODELS[model]}.pt"

    def recipe(self) -> Recipe:
        """Load the recipe of this run.

        Raises:
            UserError: this is not a run directory.
        """
        check_run(self.path)
        return load_recipe(self.recipe_file)

    def claim(self, recipe: Recipe) -> None:
        """Make the directory this recipe's own, or check that it is.

        Raises:
            UserError: it was made by another recipe, or is full of something else.
        """
        # A run that failed before it had anything (data missing, say) leaves its recipe and part of a corpus; another
        # recipe may take their place.
        begun = Corpus.exists(self.corpus) or self.checkpoints.exists()
        if self.recipe_file.is_file() and begun:
            found = differences(self.recipe(), recipe)
            if found:
                more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
                raise UserError(
                    f"{self.path} was made by another recipe: {'; '.join(found[:MOST_NAMED])}{more}. "
                    "Give another --out, or the same settings to go on"
                )
            return
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file, and a run needs a directory: give another --out")
        ours = (self.recipe_file, self.corpus)
        if self.path.is_dir() and any(path not in ours for path in self.path.iterdir()):
            raise UserError(f"{self.path} holds other files and is not a run directory: give another --out")
        make_output(self.path)
        with atomic_path(self.recipe_file) as temporary:
            temporary.write_text(dump_recipe(recipe), encoding="utf-8")

    def note_environment(self, device: str, threads: int, processes: int) -> None:
        """Write what the run runs on."""
        packages = {name: version(name) for name in ("seqgan-toolkit", "torch", "numpy")}
        machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
        used = {"device": device, "threads": threads, "processes": processes}
        write_json(self.path / "environment.json", {**machine, **used, "packages": packages})

    def read_evaluation(self) -> dict[str, Any]:
        """Load what `evaluate` measured against the test split."""
        return dict(read_json(self.evaluation()))

    def _measured(self, name: str, split: HeldOut, kind: str, num: int | None) -> Path:
        """Return a path that figures of the test split never share with those of another, nor many with few."""
        parts = [name, *([] if split == "test" else [split]), *([] if num is None else [str(num)])]
        return self.path / f"{'-'.join(parts)}.{kind}"
