"""What turns a run's frames into samples: Griffin-Lim, the vocoder that it trains, or one that travels with it."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from seqgan_toolkit.build.data import domain_from_state
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.generators import make_network
from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.metrics.real_data import reference_split
from seqgan_toolkit.models.vocoder import NeuralDecoder, Vocoder
from seqgan_toolkit.recipe.loading import dump_recipe
from seqgan_toolkit.recipe.schema import AudioData, Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.training.checkpoints import load

GRIFFIN_LIM = "griffin_lim"
NOT_OF_FRAMES = ("max_seconds", "trim_db", "high_hz")
"""What of a feature specification does not say what a frame is; in place of `high_hz` the value it stands for does."""
NEARLY = 0.01
"""Natural logarithms, a tenth of a decibel, by which two scales may differ."""


def domain_of(
    recipe: Recipe, state: dict[str, Any], generator: nn.Module, directory: RunDirectory, device: torch.device
) -> Domain:
    """Rebuild the domain of a run; one of sounds has the run's decoder, on a device.

    Args:
        recipe: of the run.
        state: the domain's, of its corpus or of a checkpoint.
        generator: of the run; a vocoder decodes by itself.
        directory: of the run, with which a vocoder that the recipe names travels.
        device: where it runs.

    Raises:
        UserError: the vocoder is missing or cannot be read.
    """
    domain = domain_from_state(recipe.data.kind, state)
    if not isinstance(domain, AudioDomain):
        return domain
    if isinstance(generator, Vocoder):
        return domain.decoding_with(NeuralDecoder(generator))
    named = isinstance(recipe.data, AudioData) and recipe.data.decoder != GRIFFIN_LIM
    return decoding_with(domain, str(directory.vocoder.path) if named else GRIFFIN_LIM, device)


def decoding_with(domain: AudioDomain, decoder: str, device: torch.device) -> AudioDomain:
    """Return a domain with a decoder on a device.

    Args:
        domain: of the run that generates.
        decoder: `griffin_lim`, or the directory of a vocoder's run.
        device: where it runs.

    Raises:
        UserError: there is no finished vocoder, or it was trained on other frames.
    """
    if decoder == GRIFFIN_LIM:
        return domain.decoding_with(domain.griffin_lim(device))
    directory = RunDirectory(Path(decoder).expanduser())
    recipe, state = _read_vocoder(directory)
    _check_frames(domain, AudioDomain.from_state(state["domain"]), directory)
    network = read_network(recipe, state, device)
    assert isinstance(network, Vocoder)
    return domain.decoding_with(NeuralDecoder(network))


def read_network(recipe: Recipe, state: dict[str, Any], device: torch.device) -> nn.Module:
    """Rebuild what a recipe trains from a checkpoint: its moving average, in evaluation mode."""
    network = make_network(recipe, DataFacts.from_state(state["facts"]))
    network.load_state_dict(state["parts"]["average"]["weights"])
    return network.to(device).eval().requires_grad_(False)


def check_vocoder(recipe: Recipe, directory: RunDirectory) -> None:
    """Refuse a recipe whose vocoder is not there, before anything is prepared.

    Raises:
        UserError: there is no finished vocoder where the recipe says.
    """
    source = _source(recipe, directory)
    if source is not None:
        _read_vocoder(source)


def adopt_vocoder(recipe: Recipe, directory: RunDirectory) -> None:
    """Copy the vocoder that a recipe names into its run, so that the run can be moved without it.

    Raises:
        UserError: there is no finished vocoder, or it was trained on other frames.
    """
    source = _source(recipe, directory)
    if source is None:
        return
    vocoder, state = _read_vocoder(source)
    domain = AudioDomain.from_state(Corpus(directory.corpus).domain_state)
    _check_frames(domain, AudioDomain.from_state(state["domain"]), source)
    kept = {"facts": state["facts"], "domain": state["domain"], "parts": {"average": state["parts"]["average"]}}
    with atomic_path(directory.vocoder.phase_checkpoint("vocoder")) as temporary:
        torch.save(kept, temporary)
    with atomic_path(directory.vocoder.recipe_file) as temporary:
        temporary.write_text(dump_recipe(vocoder), encoding="utf-8")


def held_out(directory: RunDirectory) -> SequenceStore:
    """Return the clips of a run that it has not learnt from; its training clips where there are none.

    Raises:
        UserError: the corpus is missing.
    """
    if not Corpus.exists(directory.corpus):
        raise UserError(f"{directory.path}: a vocoder copies held-out clips, and the corpus is missing")
    corpus = Corpus(directory.corpus)
    return corpus.splits[reference_split(corpus)]


def _source(recipe: Recipe, directory: RunDirectory) -> RunDirectory | None:
    """Return the run whose vocoder is still to be copied, or None."""
    if not isinstance(recipe.data, AudioData) or recipe.data.decoder == GRIFFIN_LIM:
        return None
    return None if directory.vocoder.recipe_file.is_file() else RunDirectory(Path(recipe.data.decoder).expanduser())


def _read_vocoder(directory: RunDirectory) -> tuple[Recipe, dict[str, Any]]:
    recipe = directory.recipe()
    path = directory.phase_checkpoint("vocoder")
    if recipe.vocoder is None or not path.is_file():
        lacks = "trains no vocoder" if recipe.vocoder is None else "has not finished its vocoder yet"
        raise UserError(
            f"{directory.path} {lacks}: a decoder is '{GRIFFIN_LIM}' or the directory of a finished run of "
            "recipes/audio_vocoder.yaml"
        )
    return recipe, load(path)


def _check_frames(here: AudioDomain, there: AudioDomain, directory: RunDirectory) -> None:
    mine, theirs = _frames_of(here), _frames_of(there)
    differing = [
        f"{key} {theirs[key]} there and {mine[key]} here" if isinstance(mine[key], int | float) else f"another {key}"
        for key in mine
        if not _nearly(mine[key], theirs[key])
    ]
    if differing:
        raise UserError(
            f"{directory.path}: its vocoder was trained on other frames ({'; '.join(differing)}): train one with the "
            "'data' of this recipe, or decode with griffin_lim"
        )


def _frames_of(domain: AudioDomain) -> dict[str, Any]:
    """Return what must be equal for a frame to mean the same."""
    spec = {key: value for key, value in asdict(domain.spec).items() if key not in NOT_OF_FRAMES}
    scale = {"floor": round(domain.scale.floor, 2), "loudest value of the mel bins": domain.scale.tops}
    return {**spec, "high_hz": domain.spec.top_hz, **scale}


def _nearly(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return len(one) == len(other) and all(_nearly(*pair) for pair in zip(one, other, strict=True))
    return bool(math.isclose(one, other, rel_tol=0, abs_tol=NEARLY))
