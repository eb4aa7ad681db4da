"""The built-in source `grammar`: English sentences whose probability and entropy are known exactly."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from math import inf, log

import numpy as np

from seqgan_toolkit.data.source import SPLITS, RawItem, Split
from seqgan_toolkit.domains.text import grammar_english as english_rules
from seqgan_toolkit.domains.text.grammar_moments import moments
from seqgan_toolkit.domains.text.grammar_parser import InsideParser
from seqgan_toolkit.domains.text.grammar_rules import (
    Rule,
    by_symbol,
    normalised,
    reachable,
    read_rules,
    word_rules,
)

MAX_WORDS = 40
"""The longest sentence of the English grammar, in tokens, the full stop included."""


class Grammar:
    """A probabilistic context-free grammar, cut at a length.

    A sentence is a derivation with at most `max_words` words; longer ones are drawn again, and all probabilities are
    divided by the probability that this does not happen. So they sum to one, and the entropy is that of what `sample`
    draws.
    """

    def __init__(self, rules: Sequence[Rule], *, start: str = "S", max_words: int = MAX_WORDS) -> None:
        """Build the tables.

        Args:
            rules: weights are relative among the rules of one left side; rules that `start` never reaches are dropped.
            start: the symbol of whole sentences.
            max_words: the longest sentence, in words.

        Raises:
            ValueError: a right side is empty, a symbol can start with itself, or no sentence is that short.
        """
        self.rules = normalised(reachable(rules, start))
        self.start = start
        self.max_words = max_words
        groups = by_symbol(self.rules)
        self.vocabulary: tuple[str, ...] = tuple(
            sorted({symbol for rule in self.rules for symbol in rule.right if symbol not in groups})
        )
        self._probabilities = InsideParser(self.rules, start)
        self._counts = InsideParser([Rule(rule.left, rule.right, 1.0) for rule in self.rules], start)
        self._moments = moments(self.rules, start, max_words)
        self._kept = float(self._moments.mass.sum())
        if self._kept == 0.0:
            raise ValueError(f"no sentence has as few as {max_words} words")
        self._choices = {
            symbol: (list(accumulate(rule.weight for rule in group))[:-1], [rule.right[::-1] for rule in group])
            for symbol, group in groups.items()
        }

    def sample(self, rng: np.random.Generator) -> str:
        """Draw a sentence: its words joined by spaces."""
        while True:
            words = self._derive(rng)
            if len(words) <= self.max_words:
                return " ".join(words)

    def _derive(self, rng: np.random.Generator) -> list[str]:
        """Expand the start symbol from left to right, giving up once there are too many words."""
        words: list[str] = []
        waiting = [self.start]
        while waiting and len(words) <= self.max_words:
            symbol = waiting.pop()
            if symbol in self._choices:
                bounds, rights = self._choices[symbol]
                waiting.extend(rights[bisect(bounds, rng.random())])
            else:
                words.append(symbol)
        return words

    def log_probability(self, words: Sequence[str]) -> float:
        """Return the exact log-probability of a sentence, in nats; minus infinity where it is not grammatical."""
        inside = self._probabilities.inside(words) if len(words) <= self.max_words else 0.0
        return log(inside / self._kept) if inside > 0.0 else -inf

    def is_grammatical(self, words: Sequence[str]) -> bool:
        """Tell whether the grammar can produce the sentence."""
        return self.log_probability(words) > -inf

    def num_derivations(self, words: Sequence[str]) -> int:
        """Count the derivations of a sentence: 1 for every sentence of an unambiguous grammar."""
        return round(self._counts.inside(words)) if len(words) <= self.max_words else 0

    def entropy(self) -> float:
        """Return the exact entropy in nats a sentence: the cross-entropy that no model can go below.

        It is the entropy of the derivations, and so of the sentences where the grammar is unambiguous.
        """
        return float(self._moments.surprise.sum()) / self._kept + log(self._kept)

    def mean_length(self) -> float:
        """Return the exact mean number of words in a sentence."""
        return float(np.arange(self.max_words + 1) @ self._moments.mass) / self._kept


@cache
def english() -> Grammar:
    """Return the project's English grammar (built once; it never changes)."""
    return Grammar([*read_rules(english_rules.RULES, english_rules.FEATURES, english_rules.NUMBER_OF), *_lexicon()])


def _lexicon() -> Iterator[Rule]:
    for symbols, words in english_rules.WORDS.items():
        for symbol in symbols.split():
            yield from word_rules(symbol, words.split())
    for noun_class, nouns in english_rules.NOUNS.items():
        singular, plural = zip(*(noun.split() for noun in nouns.split(",")), strict=True)
        yield from _by_first_sound(f"Noun.{noun_class}", singular)
        yield from word_rules(f"Nouns.{noun_class}", plural)
    yield from word_rules("Nouns.group", english_rules.GROUP_NOUNS.split())
    for classes, adjectives in english_rules.ADJECTIVES.items():
        for noun_class in classes.split():
            yield from _by_first_sound(f"Adjective.{noun_class}", adjectives.split())
    for kind, verbs in english_rules.VERBS.items():
        for forms in verbs.split(","):
            for suffix, form in zip("psi", forms.split(), strict=False):
                yield Rule(f"{kind}.{suffix}", (form,), 1.0)


def _by_first_sound(symbol: str, words: Sequence[str]) -> Iterator[Rule]:
    for word in words:
        yield Rule(f"{symbol}.{'v' if word[0] in 'aeiou' else 'c'}", (word,), 1.0)


class GrammarSource:
    """Sentences drawn from the English grammar, independent of each other, so that some come twice."""

    name = "grammar"

    def __init__(self, num_sentences: int, seed: int) -> None:
        """Describe the source; sentences are drawn as they are read.

        Args:
            num_sentences: sentences of the training split. Validation has a twentieth of that, within 500 and 2,500;
                the test split a tenth, within 2,000 and 5,000.
            seed: decides all the sentences; every split has a random stream of its own.
        """
        self._seed = seed
        self._sizes: dict[Split, int] = {
            "train": num_sentences,
            "valid": min(2500, max(500, num_sentences // 20)),
            "test": min(5000, max(2000, num_sentences // 10)),
        }

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the sentences of one split."""
        grammar = english()
        rng = np.random.default_rng([self._seed, SPLITS.index(split)])
        for index in range(self._sizes[split]):
            yield RawItem(grammar.sample(rng), where=f"grammar, {split} sentence {index}")

    def size(self, split: Split) -> int:
        """Return the number of sentences in one split."""
        return self._sizes[split]
