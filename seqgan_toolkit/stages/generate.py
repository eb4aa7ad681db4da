"""From a trained model to artefacts: sentences, clips, images or series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.base import Artefacts
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.domains.series.domain import SeriesDomain
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import make_output, read_json, write_json
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.decoder import decoding_with
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.drawing import draw, draw_again
from seqgan_toolkit.stages.earlier import hashes, read_earlier
from seqgan_toolkit.stages.model import TrainedModel, load_model


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
    target = directory.generated if out is None else out
    trained, batch = _generate(directory, wanted)
    make_output(target)
    _clear(target)
    paths = _write(trained, batch, target, wanted)
    described = {
        "recipe": directory.recipe().name,
        "run": str(run_dir),
        "checkpoint": trained.checkpoint,
        "sha256": hashes(directory, trained.checkpoint),
        **{key: str(value) if isinstance(value, Path) else value for key, value in asdict(wanted).items()},
        **({"spec": spec} if (spec := trained.domain.state().get("spec")) else {}),
        **({"decoded_by": trained.domain.decoder.name} if isinstance(trained.domain, AudioDomain) else {}),
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
    if isinstance(domain, AudioDomain) and wanted.interpolate is None:
        return domain.write_decoded(batch, target, captions)
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
    if wanted.again is None:
        trained = _load(directory, wanted)
        return trained, draw(directory, trained, wanted)
    earlier = read_earlier(wanted.again)
    assert wanted.index is not None
    trained = _load(directory, replace(earlier.wanted, decoder=wanted.decoder or earlier.wanted.decoder))
    return trained, draw_again(directory, trained, earlier, wanted.index, wanted.label)


def _load(directory: RunDirectory, wanted: Wanted) -> TrainedModel:
    """Load the model that is wanted, with the decoder that is wanted in place of its run's."""
    trained = load_model(directory, wanted.model)
    if wanted.decoder is None:
        return trained
    if not isinstance(trained.domain, AudioDomain):
        raise UserError(f"--decoder turns frames of audio into sound, and this model makes {trained.domain.kind}")
    return replace(trained, domain=decoding_with(trained.domain, wanted.decoder, trained.device))


def _describe(batch: SequenceBatch, trained: TrainedModel) -> list[dict[str, Any]]:
    labels: Sequence[str | None] = trained.captions(batch) or [None] * len(batch)
    lengths = batch.lengths.tolist()
    return [
        {"index": index, "label": label, "steps": steps}
        for index, (label, steps) in enumerate(zip(labels, lengths, strict=True))
    ]
