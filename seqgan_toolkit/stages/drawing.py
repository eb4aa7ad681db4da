"""Which sequences are drawn from a trained model: of which labels, how, and of what length."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch

from seqgan_toolkit.build.generators import make_beam, make_duration, make_interpolation
from seqgan_toolkit.console import say
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.labels import spread
from seqgan_toolkit.sampling.base import Sampler
from seqgan_toolkit.sampling.rejection import RejectionSampler
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.earlier import Earlier
from seqgan_toolkit.stages.model import TrainedModel, load_discriminator

ROWS_AT_ONCE = 512
"""Sequences that are made at once."""


def draw(directory: RunDirectory, trained: TrainedModel, wanted: Wanted) -> SequenceBatch:
    """Draw what is wanted from a model of a run.

    Raises:
        UserError: the model has no such label, or cannot do what is asked for.
    """
    return _draw(directory, trained, wanted, _labels(trained, wanted))


def draw_again(
    directory: RunDirectory, trained: TrainedModel, earlier: Earlier, index: int, label: str | None
) -> SequenceBatch:
    """Draw all that an earlier call drew, and return one of them, of another label where one is given.

    Drawing costs little beside decoding, and what noise a sequence has hangs on all that were drawn with it.

    Raises:
        UserError: the model is not the one that drew them, there was no such sample, or there is no such label.
    """
    earlier.check(directory, trained.checkpoint, index)
    labels = _labels(trained, earlier.wanted)
    if label is not None:
        chosen = trained.labels(label)
        if len(chosen) > 1:
            names = ", ".join(trained.facts.label_names[one] for one in chosen)
            raise UserError(f"--label {label} names {len(chosen)} labels, and one sample has one: say which of {names}")
        assert labels is not None
        labels[index] = chosen[0]
    return _draw(directory, trained, earlier.wanted, labels).rows(torch.tensor([index]))


def _draw(directory: RunDirectory, trained: TrainedModel, wanted: Wanted, labels: torch.Tensor | None) -> SequenceBatch:
    strategy = Strategy(wanted.temperature, wanted.top_k, wanted.top_p)
    given: dict[str, Any] = {"seed": wanted.seed, "strategy": strategy, "labels": labels}
    if wanted.interpolate is not None:
        count = wanted.interpolate
        on_the_way = replace(trained, sampler=make_interpolation(trained.generator, count))
        num = count if labels is None else len(labels)
        # Pieces of whole strips.
        return on_the_way.sample(num, **given, at_once=count * max(1, ROWS_AT_ONCE // count))
    if wanted.seconds is not None:
        lasting = replace(trained, sampler=make_duration(trained.generator, _frames(trained, wanted.seconds)))
        return lasting.sample(wanted.num, **given)
    if wanted.beam is None and wanted.reject is None:
        batch = trained.sample(wanted.num, **given)
        if trained.tilt is not None:
            say(trained.tilt.sampler.describe())
        return batch
    if wanted.beam is not None:
        sampler: Sampler = make_beam(trained.generator, trained.facts.max_length, wanted.beam)
    else:
        assert wanted.reject is not None
        sampler = RejectionSampler(trained.sampler, load_discriminator(directory, trained), wanted.reject)
    # They choose among all sequences, and bound their memory themselves.
    return replace(trained, sampler=sampler).sample(wanted.num, **given, at_once=wanted.num)


def _labels(trained: TrainedModel, wanted: Wanted) -> torch.Tensor | None:
    """Return the label of each sequence: of those that are wanted, or of all; of a strip's, one and the same."""
    chosen = list(range(trained.facts.num_labels)) if wanted.label is None else trained.labels(wanted.label)
    if not chosen:
        return None
    if wanted.interpolate is not None:
        return torch.tensor(chosen).repeat_interleave(wanted.interpolate)
    return torch.tensor(chosen)[spread(wanted.num, len(chosen))]


def _frames(trained: TrainedModel, seconds: float) -> int:
    """Return how many frames so many seconds of sound are."""
    if not isinstance(trained.domain, AudioDomain):
        raise UserError(f"--seconds says how long clips of audio are, and this model makes {trained.domain.kind}")
    spec = trained.domain.spec
    return max(1, math.ceil(seconds * spec.sample_rate / spec.hop))
