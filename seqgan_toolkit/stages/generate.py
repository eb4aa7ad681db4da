"""From a trained model to artefacts: sentences, clips, images or series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.build.generators import make_beam, make_interpolation
from seqgan_toolkit.console import say
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.base import Artefacts
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.domains.series.domain import SeriesDomain
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.labels import spread
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.rejection import RejectionSampler
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_discriminator, load_model

ROWS_AT_ONCE = 512
"""Sequences that are made at once."""


def sample(run_dir: Path, wanted: Wanted) -> Artefacts:
    """Generate, and return the artefacts; see `generate`."""
    trained, batch = _generate(RunDirectory(run_dir), wanted)
    return trained.domain.decode(batch)


def generate(run_dir: Path, wanted: Wanted, *, out: Path | None = None) -> list[Path]:
    """Generate, and write the artefacts and `samples.json`, which says where each came from.

    Args:
        run_dir: the run directory.
        wanted: what to generate, and how.
        out: where the files go; `generated/` in the run directory when None.

    Raises:
        UserError: a number out of range, no such run, model or label, or data that cannot be stitched.
    """
    directory = RunDirectory(run_dir)
    if wanted.stitched:
        _check_stitched(directory)
    trained, batch = _generate(directory, wanted)
    target = directory.generated if out is None else out
    target.mkdir(parents=True, exist_ok=True)
    _clear(target)
    paths = _write(trained, batch, target, wanted)
    described = {
        "recipe": directory.recipe().name,
        "run": str(run_dir),
        "checkpoint": trained.checkpoint,
        **{name: value for name, value in asdict(wanted).items() if name not in ("num", "label", "model")},
        "files": [path.name for path in paths],
        "samples": _describe(batch, trained),
    }
    write_json(target / "samples.json", described)
    return [*paths, target / "samples.json"]


def _check_stitched(directory: RunDirectory) -> None:
    data = directory.recipe().data
    if data.kind != "series" or data.window is None:
        what = "whole series" if data.kind == "series" else data.kind
        raise UserError(f"--stitched joins windows of series (data.window), and {directory.path} makes {what}")


def _write(trained: TrainedModel, batch: SequenceBatch, target: Path, wanted: Wanted) -> list[Path]:
    domain, captions = trained.domain, trained.captions(batch)
    artefacts = domain.decode(batch)
    paths = domain.write(artefacts, target, captions)
    if wanted.stitched:
        assert isinstance(domain, SeriesDomain)
        paths.append(domain.write_stitched(artefacts, target))
    if wanted.interpolate is not None and isinstance(domain, RowsDomain):
        paths.append(domain.strips(artefacts, target, wanted.interpolate))
    if wanted.interpolate is not None and isinstance(domain, AudioDomain):
        paths.append(domain.strips(artefacts, target, wanted.interpolate, captions))
    return paths


def _clear(target: Path) -> None:
    """Remove what an earlier call generated into the same folder, so that its files do not pass for this one's."""
    if (target / "samples.json").is_file():
        for name in read_json(target / "samples.json").get("files", []):
            (target / Path(name).name).unlink(missing_ok=True)


def _generate(directory: RunDirectory, wanted: Wanted) -> tuple[TrainedModel, SequenceBatch]:
    strategy = Strategy(wanted.temperature, wanted.top_k, wanted.top_p)
    trained = load_model(directory, wanted.model)
    if wanted.interpolate is not None:
        return trained, _interpolate(trained, wanted, wanted.interpolate, strategy)
    labels = None if wanted.label is None else _spread(trained.labels(wanted.label), wanted.num)
    if wanted.beam is None and wanted.reject is None:
        batch = trained.sample(wanted.num, seed=wanted.seed, strategy=strategy, labels=labels)
        if trained.tilt is not None:
            say(trained.tilt.sampler.describe())
        return trained, batch
    if wanted.beam is not None:
        sampler: Sampler = make_beam(trained.generator, trained.facts.max_length, wanted.beam)
    else:
        assert wanted.reject is not None
        sampler = RejectionSampler(trained.sampler, load_discriminator(directory, trained), wanted.reject)
    # They choose among all sequences, and bound their memory themselves.
    choosing = replace(trained, sampler=sampler)
    return trained, choosing.sample(wanted.num, seed=wanted.seed, strategy=strategy, labels=labels, at_once=wanted.num)


def _interpolate(trained: TrainedModel, wanted: Wanted, count: int, strategy: Strategy) -> SequenceBatch:
    """Return a strip of `count` sequences for the label that is wanted, or for each."""
    on_the_way = replace(trained, sampler=make_interpolation(trained.generator, count))
    chosen = list(range(trained.facts.num_labels)) if wanted.label is None else trained.labels(wanted.label)
    labels = torch.tensor(chosen).repeat_interleave(count) if chosen else None
    num = count * max(1, len(chosen))
    # Pieces of whole strips.
    at_once = count * max(1, ROWS_AT_ONCE // count)
    return on_the_way.sample(num, seed=wanted.seed, strategy=strategy, labels=labels, at_once=at_once)


def _spread(labels: list[int], num: int) -> torch.Tensor:
    """Return `num` labels of these."""
    return torch.tensor(labels)[spread(num, len(labels))]


def _describe(batch: SequenceBatch, trained: TrainedModel) -> list[dict[str, Any]]:
    labels: Sequence[str | None] = trained.captions(batch) or [None] * len(batch)
    lengths = batch.lengths.tolist()
    return [
        {"index": index, "label": label, "steps": steps}
        for index, (label, steps) in enumerate(zip(labels, lengths, strict=True))
    ]
