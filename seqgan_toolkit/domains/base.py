"""The seam of a domain: raw data to sequences, and sequences back to what people read, hear or see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.source import Source
from seqgan_toolkit.sequences import SequenceBatch, SequenceSpace

Artefacts = list[Any]
"""What `decode` returns, one for each sequence: str, waveform float32 [samples], image uint8 [H, W(, C)], `Series`, or
`Tune`."""


class Domain(Protocol):
    """A fitted domain: it carries its tokenizer or feature specification, and is stored in every checkpoint."""

    kind: ClassVar[str]

    @property
    def space(self) -> SequenceSpace:
        """The space of its sequences."""
        ...

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `from_state` rebuilds this domain exactly."""
        ...

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild a fitted domain."""
        ...

    def decode(self, batch: SequenceBatch) -> Artefacts:
        """Turn sequences back into artefacts."""
        ...

    def write(self, artefacts: Artefacts, directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write artefacts under their standard names (`sentences.txt`, `clip-0000.wav` …); return the paths.

        Args:
            artefacts: what was decoded.
            directory: where the files go.
            captions: a word on each, its label, which is written where the picture of them has room for it.
        """
        ...

    def preview(self, artefacts: Artefacts, directory: Path, captions: Sequence[str] = ()) -> Path:
        """Write one file that shows them all at a glance (text, a grid, a spectrogram sheet); return it."""
        ...


class PrepareDomain(Protocol):
    """What every domain module offers beside its class: fit on a source and write the corpus."""

    def __call__(self, source: Source, directory: Path, spec: Any, *, seed: int) -> Corpus:
        """Read `source` in bounded memory, fit what must be fitted on the training split, write the corpus."""
        ...
