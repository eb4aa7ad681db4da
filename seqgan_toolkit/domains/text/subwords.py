"""Sub-words by sentencepiece: unigram (Kudo 2018) and byte-pair encoding (Sennrich et al. 2016).

Bytes stand in for characters out of the vocabulary, so that every text comes back exactly, up to white space.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import END, PAD, START, UNKNOWN

NUM_RESERVED = 4 + 256
"""The special tokens and the bytes."""
MOST_SENTENCES = 200_000
"""A seeded sample of this many training sentences teaches the sub-words."""
LONGEST_SENTENCE = 1000
"""Characters of a sentence that are looked at in training; encoding has no such limit."""
MOST_CHARACTERS = 10_000_000
"""Characters of the sample that are used: training takes about 30 bytes of memory for each."""
NUM_THREADS = 4
"""A fixed number, since the result may depend on it."""


class SubwordTokenizer:
    """Pieces of words, by a sentencepiece model."""

    def __init__(self, model: bytes, kind: Literal["unigram", "bpe"]) -> None:
        """Load a serialised sentencepiece model."""
        from sentencepiece import SentencePieceProcessor

        self.kind = kind
        self._model = model
        self._processor = SentencePieceProcessor(model_proto=model)
        self.tokens: tuple[str, ...] = tuple(self._processor.id_to_piece(list(range(self._processor.get_piece_size()))))

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence's pieces."""
        ids: list[int] = self._processor.encode(" ".join(sentence.split()))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Return the sentence of the pieces; bytes that make no character come out as U+FFFD."""
        sentence: str = self._processor.decode([int(index) for index in ids if index not in (PAD, START, END)])
        return sentence

    def state(self) -> dict[str, Any]:
        """Return the model, base64."""
        return {"kind": self.kind, "model": base64.b64encode(self._model).decode("ascii")}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> SubwordTokenizer:
        """Rebuild the tokenizer."""
        return cls(base64.b64decode(state["model"]), state["kind"])


class SubwordFitter:
    """Keeps a uniform sample of the sentences and trains a sentencepiece model on it."""

    def __init__(self, kind: Literal["unigram", "bpe"], vocabulary_size: int, *, seed: int) -> None:
        self._kind: Literal["unigram", "bpe"] = kind
        self._size = vocabulary_size
        self._sample = Reservoir(MOST_SENTENCES, seed=seed)

    def add(self, sentence: str) -> None:
        """Offer one sentence to the sample."""
        self._sample.add(sentence)

    def finish(self) -> SubwordTokenizer:
        """Train the model; data too poor for the vocabulary give a smaller one.

        Raises:
            UserError: the vocabulary is too small for the bytes and the characters of the data.
        """
        sentences = [" ".join(sentence[:LONGEST_SENTENCE].split()) for sentence in self._sample.items]
        sentences = sentences[:: 1 + sum(map(len, sentences)) // MOST_CHARACTERS]
        self._check_size(sentences)
        return SubwordTokenizer(_train(sentences, self._kind, self._size), self._kind)

    def _check_size(self, sentences: list[str]) -> None:
        # One more for the mark of a word's start, which stands for the space.
        smallest = NUM_RESERVED + len(set().union(*sentences) - {" "}) + 1
        if self._size < smallest:
            raise UserError(
                f"vocabulary_size {self._size} is too small for {self._kind} sub-words: the special tokens, "
                f"256 bytes and the characters of these data need at least {smallest}"
            )


def _train(sentences: list[str], kind: str, vocabulary_size: int) -> bytes:
    from sentencepiece import SentencePieceTrainer

    model = io.BytesIO()
    try:
        SentencePieceTrainer.train(
            sentence_iterator=iter(sentences),
            model_writer=model,
            model_type=kind,
            vocab_size=vocabulary_size,
            hard_vocab_limit=False,
            byte_fallback=True,
            character_coverage=1.0,
            normalization_rule_name="identity",
            max_sentence_length=4 * LONGEST_SENTENCE + 1,
            num_threads=NUM_THREADS,
            pad_id=PAD,
            bos_id=START,
            eos_id=END,
            unk_id=UNKNOWN,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise UserError(f"sentencepiece could not learn {kind} sub-words from these data: {error}") from None
    return model.getvalue()


class Reservoir:
    """A uniform sample of a stream of unknown length (algorithm L, Li 1994)."""

    def __init__(self, size: int, *, seed: int) -> None:
        self.items: list[str] = []
        self._size = size
        self._rng = np.random.default_rng(seed)
        self._weight = 1.0
        self._skip = 0

    def add(self, item: str) -> None:
        """Offer one item."""
        if len(self.items) < self._size:
            self.items.append(item)
            if len(self.items) == self._size:
                self._draw_skip()
        elif self._skip:
            self._skip -= 1
        else:
            self.items[int(self._rng.integers(self._size))] = item
            self._draw_skip()

    def _draw_skip(self) -> None:
        self._weight *= float(self._rng.random()) ** (1 / self._size)
        self._skip = int(np.log(self._rng.random()) / np.log1p(-self._weight))
