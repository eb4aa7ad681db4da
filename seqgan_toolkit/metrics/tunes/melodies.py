"""How lawful tunes are, where the laws and the probability of every tune are known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from seqgan_toolkit.domains.events.melodies import MODES, in_half_beats, log_probability
from seqgan_toolkit.domains.events.melody_reading import bars_of
from seqgan_toolkit.domains.events.melody_rules import SCALES
from seqgan_toolkit.domains.events.notes import Tune
from seqgan_toolkit.metrics.base import Measurement, mean_with_interval, share
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.divergence import jensen_shannon
from seqgan_toolkit.metrics.tunes.statistics import OCTAVE

VERSION = 1


class MelodyPanel:
    """`lawful` and three of its laws, and with a likelihood the divergence from the truth, in nats a tune."""

    def __init__(self, label_names: Sequence[str], held_out: Sequence[Tune], labels: torch.Tensor | None) -> None:
        """Rate the test tunes, to which `held_out_nll` refers.

        Args:
            label_names: `major` and `minor` in the order of the labels, or none.
            held_out: the test tunes.
            labels: theirs, int64 [M], or None.
        """
        self._label_names = label_names
        rated = zip(held_out, self._modes(labels, len(held_out)), strict=True)
        self._truth = torch.tensor([log_probability(tune, mode) for tune, mode in rated], dtype=torch.float64)

    def _modes(self, labels: torch.Tensor | None, count: int) -> list[str | None]:
        return [None] * count if labels is None else [self._label_names[label] for label in labels.tolist()]

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Measure the decoded tunes; a tune must be in the mode that its label names."""
        tunes: list[Tune] = sample.artefacts
        modes = self._modes(sample.batch.labels, len(tunes))
        pairs = list(zip(tunes, modes, strict=True))
        lawful = sum(math.isfinite(log_probability(tune, mode)) for tune, mode in pairs)
        hits = {
            "lawful": lawful,
            "in_metre": sum(map(in_metre, tunes)),
            "in_scale": sum(in_scale(tune, mode) for tune, mode in pairs),
            "ends_on_tonic": sum(map(ends_on_tonic, tunes)),
        }
        measured = {name: share(count, len(tunes), version=VERSION) for name, count in hits.items()}
        if sample.held_out_nll is not None:
            measured |= self._likelihood(sample.held_out_nll, len(tunes) - lawful, len(tunes))
        return measured

    def _likelihood(self, held_out_nll: torch.Tensor, unlawful: int, count: int) -> dict[str, Measurement]:
        # A tune that was cut has no probability of its own.
        known = self._truth.isfinite()
        truth, nll = self._truth[known], held_out_nll.cpu()[known]
        note = f"mean over held-out tunes of log p under the laws, {float(truth.mean()):.2f}, less log q; 0 is perfect"
        return {
            "kl_from_melodies": mean_with_interval(truth + nll, version=VERSION, higher_is_better=False, note=note),
            "jensen_shannon": jensen_shannon(truth, -nll, unlawful, count),
        }


def in_metre(tune: Tune) -> bool:
    """Tell whether a tune is whole pairs of phrases, every bar with its bass and filled by its melody."""
    plain = in_half_beats(tune)
    return plain is not None and bars_of(plain) is not None


def in_scale(tune: Tune, mode: str | None) -> bool:
    """Tell whether all notes are in the scale on the tune's first note; in either mode where none is given."""
    return bool(tune.notes) and any(
        {(note.pitch - tune.notes[0].pitch) % OCTAVE for note in tune.notes} <= set(SCALES[name])
        for name in (MODES if mode is None else (mode,))
    )


def ends_on_tonic(tune: Tune) -> bool:
    """Tell whether the last note to begin has the pitch class of the first."""
    return bool(tune.notes) and (tune.notes[-1].pitch - tune.notes[0].pitch) % OCTAVE == 0
