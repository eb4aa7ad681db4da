"""What a tokenizer is, and the two that need no library: words and characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Protocol

from seqgan_toolkit.domains.text.words import punctuation_balance, split_chunk
from seqgan_toolkit.sequences import END, PAD, START, UNKNOWN

SPECIAL_TOKENS = ("<pad>", "<s>", "</s>", "<unk>")
"""The names of the reserved ids 0 to 3."""
MOST_COUNTED = 1_000_000
"""Types held while counting; beyond that the rarest are forgotten, so that memory stays bounded."""

MOST_REMEMBERED = 200_000
"""Chunks whose ids are remembered while encoding."""


class Tokenizer(Protocol):
    """A fitted map between sentences and token ids; ids 0 to 3 are pad, start, end and unknown, but of numbers."""

    tokens: tuple[str, ...]

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence, without start and end."""
        ...

    def decode(self, ids: Iterable[int]) -> str:
        """Return the sentence of ids; pad, start and end are left out."""
        ...

    def state(self) -> dict[str, Any]:
        """Return plain data, with its `kind`, from which the tokenizer can be rebuilt exactly."""
        ...


class Fitter(Protocol):
    """Learns a tokenizer from sentences given one by one, in bounded memory."""

    def add(self, sentence: str) -> None:
        """Take one more training sentence."""
        ...

    def finish(self) -> Tokenizer:
        """Return the tokenizer."""
        ...


class WordTokenizer:
    """Words: what stands between spaces, with punctuation parted from words where the text is raw."""

    def __init__(self, tokens: Sequence[str], *, split_punctuation: bool) -> None:
        """Make the tokenizer of a vocabulary.

        Args:
            tokens: id to word, the four special tokens first.
            split_punctuation: whether "world!" is two tokens; false for text that is parted already.
        """
        self.tokens = tuple(tokens)
        self.split_punctuation = split_punctuation
        self._ids = _ChunkIds(self.tokens, split_punctuation)

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence's words; words out of the vocabulary become the unknown token."""
        return list(chain.from_iterable(map(self._ids.__getitem__, sentence.split())))

    def decode(self, ids: Iterable[int]) -> str:
        """Return the words with a space between each two."""
        return " ".join(self.tokens[index] for index in ids if index not in (PAD, START, END))

    def state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return {
            "kind": "word",
            "tokens": list(self.tokens[len(SPECIAL_TOKENS) :]),
            "split_punctuation": self.split_punctuation,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> WordTokenizer:
        """Rebuild the tokenizer."""
        return cls((*SPECIAL_TOKENS, *state["tokens"]), split_punctuation=state["split_punctuation"])


class _ChunkIds(dict[str, tuple[int, ...]]):
    """The ids of what stands between spaces, worked out when first asked for and then remembered."""

    def __init__(self, tokens: Sequence[str], split_punctuation: bool) -> None:
        super().__init__()
        self._words = {token: index for index, token in enumerate(tokens) if index >= UNKNOWN}
        self._split_punctuation = split_punctuation

    def __missing__(self, chunk: str) -> tuple[int, ...]:
        words = split_chunk(chunk) if self._split_punctuation else (chunk,)
        ids = tuple(self._words.get(word, UNKNOWN) for word in words)
        if len(self) < MOST_REMEMBERED:
            self[chunk] = ids
        return ids


class WordFitter:
    """Counts what stands between spaces, and parts it at the end, each type once.

    Punctuation is parted only when more signs are attached to words than stand alone: text that is parted into
    words already comes through unchanged.
    """

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size
        self._counts = TypeCounter(max(MOST_COUNTED, 4 * vocabulary_size))

    def add(self, sentence: str) -> None:
        """Count the words of one sentence."""
        self._counts.add(sentence.split())

    def finish(self) -> WordTokenizer:
        """Return the tokenizer of the most frequent words."""
        chunks = self._counts.counts
        raw = sum(punctuation_balance(chunk) * count for chunk, count in chunks.items()) < 0
        words = chunks
        if raw:
            words = Counter()
            for chunk, count in chunks.items():
                for word in split_chunk(chunk):
                    words[word] += count
        return WordTokenizer(_vocabulary(words, self._size), split_punctuation=raw)


class CharacterTokenizer:
    """Characters; every run of white space is one space."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Make the tokenizer of a vocabulary: id to character, the four special tokens first."""
        self.tokens = tuple(tokens)
        self._ids = {token: index for index, token in enumerate(self.tokens) if index > UNKNOWN}

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence's characters; rare ones become the unknown token."""
        look_up = self._ids.get
        return [look_up(character, UNKNOWN) for character in " ".join(sentence.split())]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the characters joined."""
        return "".join(self.tokens[index] for index in ids if index not in (PAD, START, END))

    def state(self) -> dict[str, Any]:
        """Return the vocabulary."""
        return {"kind": "character", "tokens": list(self.tokens[len(SPECIAL_TOKENS) :])}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> CharacterTokenizer:
        """Rebuild the tokenizer."""
        return cls((*SPECIAL_TOKENS, *state["tokens"]))


class CharacterFitter:
    """Counts characters."""

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size
        self._counts: Counter[str] = Counter()

    def add(self, sentence: str) -> None:
        """Count the characters of one sentence."""
        self._counts.update(" ".join(sentence.split()))

    def finish(self) -> CharacterTokenizer:
        """Return the tokenizer of the most frequent characters."""
        return CharacterTokenizer(_vocabulary(self._counts, self._size))


class NumberTokenizer:
    """Sequences of numbers, of which each is its own id: no id is reserved."""

    def __init__(self, num_words: int) -> None:
        """Make the tokenizer of the numbers from 0 to `num_words` - 1."""
        self.tokens = tuple(map(str, range(num_words)))

    def encode(self, sentence: str) -> list[int]:
        """Return the numbers of a sentence."""
        return [int(word) for word in sentence.split()]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the numbers with a space between each two."""
        return " ".join(self.tokens[index] for index in ids)

    def state(self) -> dict[str, Any]:
        """Return how many there are."""
        return {"kind": "number", "num_words": len(self.tokens)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> NumberTokenizer:
        """Rebuild the tokenizer."""
        return cls(state["num_words"])


class TypeCounter:
    """Counts types in bounded memory: whenever there are too many, the rarest so far are forgotten.

    Exact up to `most` types; beyond, a type's count may fall short by the number of times it was forgotten, which
    concerns words far rarer than any vocabulary keeps.
    """

    def __init__(self, most: int) -> None:
        self.counts: Counter[str] = Counter()
        self._most = most
        self._floor = 0

    def add(self, types: Iterable[str]) -> None:
        """Count each of `types` once more."""
        self.counts.update(types)
        while len(self.counts) > self._most:
            self._floor += 1
            self.counts = Counter({key: count for key, count in self.counts.items() if count > self._floor})


def _vocabulary(counts: Counter[str], size: int) -> tuple[str, ...]:
    """Return the special tokens and the most frequent types, in an order that depends on the counts alone."""
    ranked = sorted(counts.keys() - set(SPECIAL_TOKENS), key=lambda token: (-counts[token], token))
    return (*SPECIAL_TOKENS, *ranked[: max(0, size - len(SPECIAL_TOKENS))])
