"""What is measured for which data."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.recipe import schema


class Panel(Protocol):
    """Measures one sample of generated, or of real, sequences."""

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return measurements by their metric's name."""
        ...


def make_panels(config: schema.DataConfig, corpus: Corpus, domain: Domain, cache: Path) -> list[Panel]:
    """Choose the panels for a corpus: those whose truth is known for built-in sources, the general ones elsewhere.

    Args:
        config: the recipe's `data` section.
        corpus: the prepared data.
        domain: the corpus's domain.
        cache: where classifiers are kept.
    """
    match config:
        case schema.TextData():
            return [_text_panel(config, corpus, domain)]
        case schema.AudioData(source="plucks"):
            return [_pitch_panel(config, corpus), *_classifier_panels(corpus, cache)]
        case schema.AudioData() | schema.RowsData():
            return _classifier_panels(corpus, cache)


def _text_panel(config: schema.TextData, corpus: Corpus, domain: Domain) -> Panel:
    from seqgan_toolkit.domains.text.domain import TextDomain
    from seqgan_toolkit.domains.text.grammar import english
    from seqgan_toolkit.domains.text.oracle_corpus import oracle_of
    from seqgan_toolkit.metrics.grammar import GrammarPanel
    from seqgan_toolkit.metrics.oracle import OraclePanel
    from seqgan_toolkit.metrics.text import CaptionPanel

    assert isinstance(domain, TextDomain)
    test, train = corpus.splits["test"], corpus.splits["train"]
    oracle = oracle_of(corpus)
    if oracle is not None:
        return OraclePanel(oracle, test.head(len(test)))
    if config.source == "grammar" and config.tokenizer == "word":
        return GrammarPanel(domain.tokens, english(), test.head(len(test)))
    return CaptionPanel(_sentences(test), int(test.offsets[-1]), training=_sentences(train))


def _sentences(store: SequenceStore) -> list[list[int]]:
    return [store.values[first:last].tolist() for first, last in zip(store.offsets, store.offsets[1:], strict=False)]


def _pitch_panel(config: schema.AudioData, corpus: Corpus) -> Panel:
    from seqgan_toolkit.domains.audio.plucks import label_to_midi
    from seqgan_toolkit.metrics.pitch import PitchPanel

    test = corpus.splits["test"]
    pitches = [label_to_midi(name) for name in corpus.label_names]
    return PitchPanel(pitches, config.sample_rate, test.batch(np.arange(len(test))))


def _classifier_panels(corpus: Corpus, cache: Path) -> list[Panel]:
    from seqgan_toolkit.metrics.frames import frame_panel

    return [frame_panel(corpus, cache=cache / "classifiers")]
