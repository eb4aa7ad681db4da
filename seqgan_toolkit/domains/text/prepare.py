"""From sentences to a corpus on disk, in two passes over the source and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, RawItem, Source, Split
from seqgan_toolkit.domains.text.domain import TextDomain, TextSpec
from seqgan_toolkit.domains.text.oddities import Overlap, SplitCounts, notes_on, say_what_is_odd
from seqgan_toolkit.domains.text.style import StyleSurvey
from seqgan_toolkit.domains.text.subwords import SubwordFitter
from seqgan_toolkit.domains.text.tokenizers import CharacterFitter, Fitter, WordFitter
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import END, UNKNOWN

BLOCK_TOKENS = 500_000
"""Tokens gathered before they go to disk together."""


def prepare_text(source: Source, directory: Path, spec: TextSpec, *, seed: int) -> Corpus:
    """Fit the tokenizer on the training sentences, then write every split as token sequences.

    A sequence is at most `spec.max_length` tokens and the end token; what is longer is cut and counted. The
    corpus's notes hold, for each split: sentences, tokens, cut, blank, the share of unknown tokens, and how many of
    the others' sentences the training split has too.

    Args:
        source: the sentences.
        directory: where the corpus goes.
        spec: the kind and the size of the tokenizer.
        seed: for the sample of sentences that teaches sub-words.

    Raises:
        UserError: there is no training sentence, only some items carry labels, or the vocabulary cannot be made.
    """
    domain, labels = _fit(source, spec, seed)
    with CorpusWriter(directory, domain.space) as writer:
        overlap = Overlap()
        # The training split comes last: see `Overlap`.
        encoded = {split: _encode_split(source, split, domain, labels, writer, overlap) for split in reversed(SPLITS)}
        notes = notes_on({split: encoded[split] for split in SPLITS}, overlap)
        # One class is none: a model would only be told what it knows.
        corpus = writer.close(domain=domain.state(), label_names=labels if len(labels) > 1 else [], notes=notes)
    say_what_is_odd(source.name, domain, labels, overlap, notes)
    return corpus


def _fit(source: Source, spec: TextSpec, seed: int) -> tuple[TextDomain, list[str]]:
    fitter, survey, labels = _fitter(spec, seed), StyleSurvey(), set[str | None]()
    for item in track(source.items("train"), "learning the vocabulary", source.size("train")):
        if not item.value.strip():
            continue
        sentence = item.value.lower() if spec.lowercase else item.value
        fitter.add(sentence)
        survey.add(sentence)
        labels.add(item.label)
    if not labels:
        raise UserError(f"{source.name}: there is no training sentence")
    if len(labels) > 1 and None in labels:
        raise UserError(f"{source.name}: some sentences have a label and some have none: give all or none a label")
    return TextDomain(fitter.finish(), survey.style(), spec), sorted(label for label in labels if label is not None)


def _fitter(spec: TextSpec, seed: int) -> Fitter:
    if spec.tokenizer == "word":
        return WordFitter(spec.vocabulary_size)
    if spec.tokenizer == "character":
        return CharacterFitter(spec.vocabulary_size)
    if spec.tokenizer == "number":
        raise AssertionError("numbers are written as they are: see prepare_oracle")
    return SubwordFitter(spec.tokenizer, spec.vocabulary_size, seed=seed)


@dataclass
class _Block:
    """Sequences end to end, waiting to be written."""

    tokens: list[int] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    hashes: list[int] = field(default_factory=list)


def _encode_split(
    source: Source, split: Split, domain: TextDomain, labels: list[str], writer: CorpusWriter, overlap: Overlap
) -> SplitCounts:
    counts = SplitCounts()
    items = track(source.items(split), f"encoding the {split} split", source.size(split))
    for block in _blocks(items, domain, labels, counts):
        values = np.array(block.tokens, dtype=np.int64)
        counts.unknown += int((values == UNKNOWN).sum())
        counts.tokens += len(values)
        counts.sentences += len(block.lengths)
        writer.add_many(split, values, block.lengths, block.labels)
        overlap.add(split, np.array(block.hashes, dtype=np.int64))
    return counts


def _blocks(items: Iterator[RawItem], domain: TextDomain, labels: list[str], counts: SplitCounts) -> Iterator[_Block]:
    encode, lowercase, max_length = domain.tokenizer.encode, domain.spec.lowercase, domain.spec.max_length
    label_ids: dict[str | None, int] = {label: index for index, label in enumerate(labels)} or {None: -1}
    if len(labels) == 1:
        label_ids[labels[0]] = -1
    block = _Block()
    for item in items:
        text = item.value.lower() if lowercase else item.value
        ids = encode(text)
        if not ids:
            counts.blank += 1
            continue
        if len(ids) > max_length:
            counts.cut += 1
            del ids[max_length:]
        if item.label not in label_ids:
            raise _unknown_label(item, labels)
        ids.append(END)
        block.tokens += ids
        block.lengths.append(len(ids))
        block.labels.append(label_ids[item.label])
        block.hashes.append(hash(text))
        if len(block.tokens) > BLOCK_TOKENS:
            yield block
            block = _Block()
    if block.lengths:
        yield block


def _unknown_label(item: RawItem, labels: list[str]) -> UserError:
    known = ", ".join(f"'{label}'" for label in labels) or "no labels"
    found = "no label" if item.label is None else f"label '{item.label}'"
    return UserError(f"{item.where}: {found}, but the training split has {known}")
