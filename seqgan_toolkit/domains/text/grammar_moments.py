"""What is known of a grammar's sentences without sampling: their lengths and their entropy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import log

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.domains.text.grammar_rules import Rule, by_symbol

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Sums over the derivations of a symbol, by the number of words that they yield.

    Attributes:
        mass: float64 [L + 1], the probability of yielding exactly n words.
        surprise: float64 [L + 1], the sum of p log(1/p), in nats, over the derivations that yield n words.
    """

    mass: Vector
    surprise: Vector

    def then(self, other: Moments) -> Moments:
        """Return the moments of one part followed by another, independent of it (lengths above L are left out)."""
        size = len(self.mass)
        return Moments(
            np.convolve(self.mass, other.mass)[:size],
            np.convolve(self.surprise, other.mass)[:size] + np.convolve(self.mass, other.surprise)[:size],
        )


def moments(rules: Sequence[Rule], start: str, max_words: int) -> Moments:
    """Return the moments of `start` for up to `max_words` words, exactly.

    The sums are those of the inside algorithm over the expectation semiring (Eisner, "Parameter estimation for
    probabilistic finite-state transducers", ACL 2002, section 4), with polynomials in the length for weights. They are
    iterated until nothing changes, which happens after finitely many rounds because every part has a word at least.

    Args:
        rules: their weights sum to one for every left side; no right side is empty and no symbol starts with itself.
        start: the symbol of whole sentences.
        max_words: L, the most words to count.
    """
    groups = by_symbol(rules)
    word = Moments(np.eye(1, max_words + 1, 1)[0], np.zeros(max_words + 1))
    known = {symbol: Moments(np.zeros(max_words + 1), np.zeros(max_words + 1)) for symbol in groups}
    changed = True
    while changed:
        changed = False
        for symbol, group in reversed(groups.items()):
            new = _sum_of([_of_rule(rule, known, word) for rule in group])
            changed |= not (
                np.array_equal(new.mass, known[symbol].mass) and np.array_equal(new.surprise, known[symbol].surprise)
            )
            known[symbol] = new
    return known[start]


def _of_rule(rule: Rule, known: dict[str, Moments], word: Moments) -> Moments:
    whole = reduce(Moments.then, [known.get(symbol, word) for symbol in rule.right])
    return Moments(rule.weight * whole.mass, rule.weight * (whole.surprise - log(rule.weight) * whole.mass))


def _sum_of(parts: Sequence[Moments]) -> Moments:
    return Moments(np.sum([part.mass for part in parts], axis=0), np.sum([part.surprise for part in parts], axis=0))
