"""How the training sentences are written, so that decoded ones can be written as a person would."""

from __future__ import annotations

from dataclasses import dataclass

from seqgan_toolkit.domains.text.detokenize import SENTENCE_ENDS
from seqgan_toolkit.domains.text.words import punctuation_balance

NUM_SURVEYED = 20_000
"""Punctuation is looked at in this many sentences from the start."""


@dataclass(frozen=True)
class TextStyle:
    """What the training sentences have in common.

    Attributes:
        pretokenized: signs stand apart from words ("a man .") more often than against them ("a man.").
        lowercase_data: there is no upper-case letter.
        prose: at least half of the sentences end in a full stop, an exclamation or a question mark.
    """

    pretokenized: bool
    lowercase_data: bool
    prose: bool


class StyleSurvey:
    """Learns the style from sentences given one by one."""

    def __init__(self) -> None:
        self._seen = 0
        self._balance = 0
        self._ended = 0
        self._lowercase = True

    def add(self, sentence: str) -> None:
        """Look at one more sentence."""
        if self._lowercase and sentence != sentence.lower():
            self._lowercase = False
        if self._seen < NUM_SURVEYED:
            self._seen += 1
            self._ended += sentence.endswith(tuple(SENTENCE_ENDS))
            self._balance += sum(map(punctuation_balance, sentence.split()))

    def style(self) -> TextStyle:
        """Return what was found."""
        return TextStyle(
            pretokenized=self._balance > 0, lowercase_data=self._lowercase, prose=2 * self._ended >= max(self._seen, 1)
        )
