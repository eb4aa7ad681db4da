"""Says in words when a game goes wrong: the generator makes everything alike, or the discriminator wins."""

from __future__ import annotations

from typing import Any

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.sequences import SequenceBatch

EVERY = 10
"""Rounds between two looks."""
ROWS = 64
"""The most sequences whose pairs are measured."""
PATIENCE = 500
"""Rounds for which something has to last before it is said: at first every generator makes all sequences alike."""
LEAST_SPREAD = 0.5
MOST_ACCURACY = 0.98


class Monitor:
    """Looks at the batches of a game now and then, and warns once of each thing until it is over.

    Args:
        speaks: whether this process is the one that writes.
    """

    def __init__(self, *, speaks: bool) -> None:
        self.speaks = speaks
        self.complaints = {
            "alike": Complaint(
                "generated sequences are alike, their mean distance {value:.2f} of that of real ones",
                "raise adversarial.penalty.gamma, give discriminator.group_size, or lower "
                "adversarial.generator_optimizer.lr",
            ),
            "won": Complaint(
                "the discriminator is right on {value:.3g} of the sequences",
                "raise adversarial.penalty.gamma, set adversarial.skip_above (frames: or augment), or lower "
                "adversarial.discriminator_optimizer.lr",
            ),
        }

    def look(self, step: int, real: SequenceBatch, fake: SequenceBatch, accuracy: float) -> dict[str, float]:
        """Look at a round, where it is time.

        Args:
            step: the number of the round in the phase, from 1.
            real: real sequences.
            fake: generated ones, with the labels of `real`, row by row.
            accuracy: the running accuracy of the discriminator.

        Returns:
            `generated/spread`, for frames: `relative_distance`. Nothing between two looks.
        """
        if (step - 1) % EVERY:
            return {}
        self._watch("won", step, accuracy, wrong=accuracy > MOST_ACCURACY)
        spread = relative_distance(real, fake)
        if spread is None:
            return {}
        self._watch("alike", step, spread, wrong=spread < LEAST_SPREAD)
        return {"generated/spread": spread}

    def state_dict(self) -> dict[str, Any]:
        """Return since when what has been wrong, and whether it was said."""
        return {name: [complaint.since, complaint.said] for name, complaint in self.complaints.items()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned."""
        for name, complaint in self.complaints.items():
            complaint.since, complaint.said = state[name]

    def _watch(self, name: str, step: int, value: float, *, wrong: bool) -> None:
        message = self.complaints[name].take(step, value, wrong=wrong)
        if message and self.speaks:
            say(message)


class Complaint:
    """One thing that may be wrong, since when it has been, and whether that was said.

    Args:
        what: is wrong, with a place for `value`.
        remedy: what to do about it.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what, self.remedy = what, remedy
        self.since: int | None = None
        self.said = False

    def take(self, step: int, value: float, *, wrong: bool) -> str | None:
        """Return what is to be said at `step`, where it is time: `wrong` at every look for long enough."""
        if not wrong:
            self.since, self.said = None, False
            return None
        self.since = step if self.since is None else self.since
        if self.said or step - self.since < PATIENCE:
            return None
        self.said = True
        return f"warning: {self.what.format(value=value)}, since step {self.since}: {self.remedy}"


@torch.no_grad()
def relative_distance(real: SequenceBatch, fake: SequenceBatch) -> float | None:
    """Return the mean distance of two generated frame sequences over that of the two real ones in their places.

    Where there are labels, pairs of one label count. None for tokens, and where no two real ones differ.
    """
    if not real.values.is_floating_point():
        return None
    real, fake = real.rows(slice(ROWS)), fake.rows(slice(ROWS))
    labels = torch.zeros_like(real.lengths) if real.labels is None else real.labels
    pairs = (labels == labels[:, None]).triu(1)
    expected, found = (_distances(batch)[pairs].sum() for batch in (real, fake))
    return float(found / expected) if expected else None


def _distances(batch: SequenceBatch) -> torch.Tensor:
    flat = batch.values.flatten(1)
    return torch.cdist(flat, flat)
