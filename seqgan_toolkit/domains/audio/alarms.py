"""Says in words when previewed clips have a fault that the training clips do not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from seqgan_toolkit.domains.audio.faults import is_clipped, is_silent, is_single_tone
from seqgan_toolkit.domains.audio.reading import Waveform

MANY, USUAL = 0.5, 0.1
"""A fault is spoken of from the first share of clips on, if under the second share of training clips has it."""
GAME = "raise adversarial.penalty.gamma or lower adversarial.generator_optimizer.lr"


@dataclass(frozen=True)
class _Fault:
    found: Callable[[Waveform], bool]
    what: str
    remedy: str


class Alarms:
    """Compares the shares of clips with a fault.

    Args:
        sample_rate: Hz.
        real: training clips.
    """

    def __init__(self, sample_rate: int, real: Iterable[Waveform]) -> None:
        faults = (
            _Fault(is_silent, "are silent", GAME),
            _Fault(is_clipped, "are cut off at full scale", "train the decoder longer, or use griffin_lim"),
            _Fault(
                lambda waveform: is_single_tone(waveform, sample_rate),
                "are a single tone",
                f"give discriminator.group_size, or {GAME}",
            ),
        )
        clips = list(real)
        self._faults = [fault for fault in faults if sum(map(fault.found, clips)) < USUAL * len(clips)]

    def __call__(self, waveforms: Sequence[Waveform]) -> list[str]:
        """Return a sentence for each fault that many clips have."""
        counts = ((sum(map(fault.found, waveforms)), fault) for fault in self._faults)
        return [
            f"{count} of {len(waveforms)} previewed clips {fault.what}: if it lasts, {fault.remedy}"
            for count, fault in counts
            if count >= MANY * len(waveforms)
        ]
