"""What is measured for which data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.real_data import learnt_and_held_out, reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.recipe import schema


class Panel(Protocol):
    """Measures one sample of generated, or of real, sequences."""

    def measure(self, sample: Sample) -> dict[str, Measurement]:
        """Return measurements by their metric's name."""
        ...


def measure(panels: Sequence[Panel], sample: Sample) -> dict[str, Measurement]:
    """Return what all panels say of a sample."""
    return {name: figure for panel in panels for name, figure in panel.measure(sample).items()}


def make_panels(
    recipe: schema.Recipe, corpus: Corpus, domain: Domain, cache: Path, *, language_model: bool = False
) -> list[Panel]:
    """Choose the panels for a corpus: those whose truth is known for built-in sources, the general ones elsewhere.

    Args:
        recipe: what was trained on which data.
        corpus: the prepared data.
        domain: the corpus's domain.
        cache: where classifiers and language models are kept.
        language_model: for text, whether language models are trained to measure with, which takes minutes.
    """
    match recipe.data:
        case schema.TextData() as config:
            panels = _text_panels(config, corpus, domain)
            return [*panels, _language_model_panel(corpus, cache)] if language_model else panels
        case schema.AudioData() as config:
            from seqgan_toolkit.build.clip_panels import clip_panels

            clips = clip_panels(recipe, corpus, cache)
            return [*clips, *_token_panels(corpus)] if config.makes_tokens else [*clips]
        case schema.RowsData():
            return _frame_panels(corpus, cache)
        case schema.SeriesData():
            return [*_frame_panels(corpus, cache), _series_panel(corpus, domain)]
        case schema.EventsData() as config:
            return _event_panels(config, corpus, domain, cache)


def _text_panels(config: schema.TextData, corpus: Corpus, domain: Domain) -> list[Panel]:
    from seqgan_toolkit.domains.text.domain import TextDomain
    from seqgan_toolkit.domains.text.grammar import english
    from seqgan_toolkit.domains.text.oracle_corpus import oracle_of
    from seqgan_toolkit.metrics.text.captions import CaptionPanel
    from seqgan_toolkit.metrics.text.grammar import GrammarPanel
    from seqgan_toolkit.metrics.text.memorisation import MemorisationPanel
    from seqgan_toolkit.metrics.text.oracle import OraclePanel
    from seqgan_toolkit.metrics.text.surface import SurfacePanel

    assert isinstance(domain, TextDomain)
    (train, held_out), oracle = learnt_and_held_out(corpus), oracle_of(corpus)
    if oracle is not None:
        return [OraclePanel(oracle, whole(held_out))]
    sentences = _sentences(held_out)
    surface = SurfacePanel(sentences)
    if config.source == "grammar" and config.tokenizer == "word":
        return [GrammarPanel(domain.tokens, english(), whole(held_out)), surface]
    memorisation = MemorisationPanel(_sentences(train), sentences)
    return [CaptionPanel(sentences), surface, memorisation, *_label_panels(corpus)]


def _language_model_panel(corpus: Corpus, cache: Path) -> Panel:
    from seqgan_toolkit.metrics.text.language_model import LanguageModelPanel, language_model_for

    return LanguageModelPanel(corpus, language_model_for(corpus, cache=cache / "language_models"))


def _label_panels(corpus: Corpus) -> list[Panel]:
    """Return what a classifier of a labelled corpus of sentences measures; nothing where there is one label or none."""
    from seqgan_toolkit.metrics.text.labels import NGramClassifier, TextLabelPanel

    train, held_out = learnt_and_held_out(corpus)
    if train.labels is None or len(np.unique(train.labels)) < 2:
        return []
    classifier = NGramClassifier(_sentences(train), train.labels)
    if held_out.labels is None:
        return [TextLabelPanel(classifier, None)]
    hits = classifier.hits(_sentences(held_out), held_out.labels)
    return [TextLabelPanel(classifier, hits / len(held_out))]


def _sentences(store: SequenceStore) -> list[tuple[int, ...]]:
    """Return the words of every sequence of a split, without the end token."""
    from seqgan_toolkit.metrics.text.captions import words_of

    bounds = zip(store.offsets, store.offsets[1:], strict=False)
    return [words_of(store.values[first:last].tolist()) for first, last in bounds]


def _token_panels(corpus: Corpus) -> list[Panel]:
    from seqgan_toolkit.metrics.text.memorisation import MemorisationPanel
    from seqgan_toolkit.metrics.text.tokens import TokenPanel

    return [TokenPanel(corpus), MemorisationPanel(*map(_sentences, learnt_and_held_out(corpus)))]


def _series_panel(corpus: Corpus, domain: Domain) -> Panel:
    from seqgan_toolkit.domains.series.domain import SeriesDomain
    from seqgan_toolkit.metrics.series.panel import SeriesPanel

    assert isinstance(domain, SeriesDomain)
    return SeriesPanel(corpus, domain)


def _event_panels(config: schema.EventsData, corpus: Corpus, domain: Domain, cache: Path) -> list[Panel]:
    from seqgan_toolkit.metrics.tunes.melodies import MelodyPanel
    from seqgan_toolkit.metrics.tunes.panel import TunePanel

    held_out = whole(corpus.splits[reference_split(corpus)])
    tunes = domain.decode(held_out)
    lawful = config.source == "melodies" and config.window is None
    panels: list[Panel] = [MelodyPanel(corpus.label_names, tunes, held_out.labels)] if lawful else []
    sequences = _token_panels(corpus) if config.makes_tokens else _frame_panels(corpus, cache)
    # What is said of tunes stands in place of what is said of their tokens under the same name.
    return [*panels, *sequences, TunePanel(tunes)]


def _frame_panels(corpus: Corpus, cache: Path) -> list[Panel]:
    from seqgan_toolkit.metrics.frames.mmd_panel import FrameMMDPanel
    from seqgan_toolkit.metrics.frames.nearest import NearestPanel
    from seqgan_toolkit.metrics.frames.panel import frame_panel

    return [frame_panel(corpus, cache=cache / "classifiers"), FrameMMDPanel(corpus), NearestPanel(corpus)]
