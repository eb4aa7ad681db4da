"""From a trained model to artefacts: sentences, clips or images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.domains.base import Artefacts
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_model


def sample(
    run_dir: Path,
    *,
    num: int = 16,
    seed: int = 0,
    temperature: float = 1.0,
    label: str | None = None,
    model: str | None = None,
) -> Artefacts:
    """Generate, and return the artefacts; see `generate`."""
    trained = load_model(RunDirectory(run_dir), model)
    return trained.domain.decode(_draw(trained, num, seed, temperature, label))


def generate(
    run_dir: Path,
    *,
    num: int = 16,
    seed: int = 0,
    temperature: float = 1.0,
    label: str | None = None,
    out: Path | None = None,
    model: str | None = None,
) -> list[Path]:
    """Generate, and write the artefacts and `samples.json`, which says where each came from.

    Args:
        run_dir: the run directory.
        num: how many.
        seed: the same seed gives the same bytes on one machine.
        temperature: divides the logits of tokens, and scales the noise of frames; 0 takes the most likely.
        label: the label of all of them; the labels take turns when None.
        out: where the files go; `generated/` in the run directory when None.
        model: `teacher_forced` or `adversarial`; the last one of the run when None.

    Raises:
        UserError: a number out of range, or no such run, model or label.
    """
    directory = RunDirectory(run_dir)
    trained = load_model(directory, model)
    batch = _draw(trained, num, seed, temperature, label)
    target = directory.generated if out is None else out
    target.mkdir(parents=True, exist_ok=True)
    _clear(target)
    paths = trained.domain.write(trained.domain.decode(batch), target)
    described = {
        "recipe": directory.recipe().name,
        "run": str(run_dir),
        "checkpoint": trained.checkpoint,
        "seed": seed,
        "temperature": temperature,
        "files": [path.name for path in paths],
        "samples": _describe(batch, trained),
    }
    write_json(target / "samples.json", described)
    return [*paths, target / "samples.json"]


def _clear(target: Path) -> None:
    """Remove what an earlier call generated into the same folder, so that its files do not pass for this one's."""
    if (target / "samples.json").is_file():
        for name in read_json(target / "samples.json").get("files", []):
            (target / Path(name).name).unlink(missing_ok=True)


def _draw(trained: TrainedModel, num: int, seed: int, temperature: float, label: str | None) -> SequenceBatch:
    if num < 1:
        raise UserError(f"--num must be at least 1, found {num}")
    if not 0 <= temperature < float("inf"):
        raise UserError(f"--temperature must be 0 (the most likely) or more, found {temperature}")
    labels = None if label is None else torch.full((num,), trained.label(label))
    return trained.sample(num, seed=seed, temperature=temperature, labels=labels)


def _describe(batch: SequenceBatch, trained: TrainedModel) -> list[dict[str, Any]]:
    names = trained.facts.label_names
    labels = [None] * len(batch) if batch.labels is None else [names[label] for label in batch.labels.tolist()]
    lengths = batch.lengths.tolist()
    return [
        {"index": index, "label": label, "steps": steps}
        for index, (label, steps) in enumerate(zip(labels, lengths, strict=True))
    ]
