"""The inside sum of a sentence: the weights of all its derivations, added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from seqgan_toolkit.domains.text.grammar_rules import Rule, by_symbol

Expansion = tuple[float, tuple[str, ...]]


class InsideParser:
    """Adds up the weights of all derivations of a sentence, from the top down and each part once.

    With the rules' probabilities as weights the sum is the sentence's probability; with ones it counts the derivations.
    Only rules that can start with the word at hand are tried, which is what makes it fast.
    """

    def __init__(self, rules: Sequence[Rule], start: str) -> None:
        """Index the rules by symbol and first word.

        Args:
            rules: none of them with an empty right side, and no symbol that can start with itself.
            start: the symbol of whole sentences.

        Raises:
            ValueError: a right side is empty, or a symbol can start with itself.
        """
        if any(not rule.right for rule in rules):
            raise ValueError("a rule must not have an empty right side")
        self.start = start
        firsts = _first_words(rules)
        self._expansions: dict[str, dict[str, list[Expansion]]] = {
            symbol: _by_first_word(group, firsts) for symbol, group in by_symbol(rules).items()
        }

    def inside(self, words: Sequence[str]) -> float:
        """Return the summed weight of all derivations of `words`: 0 where there is none."""
        return _Chart(self._expansions, words).spans(self.start, 0).get(len(words), 0.0)


class _Chart:
    """What is known of one sentence: for a symbol and a position, where it can end and with what weight."""

    def __init__(self, expansions: dict[str, dict[str, list[Expansion]]], words: Sequence[str]) -> None:
        self._expansions = expansions
        self._words = words
        self._known: dict[tuple[str, int], dict[int, float]] = {}

    def spans(self, symbol: str, begin: int) -> dict[int, float]:
        """Return the weight of `symbol` from `begin` to each position where it can end."""
        if begin == len(self._words):
            return {}
        key = (symbol, begin)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._expand(symbol, begin)
        return found

    def _expand(self, symbol: str, begin: int) -> dict[int, float]:
        word = self._words[begin]
        if symbol not in self._expansions:
            return {begin + 1: 1.0} if symbol == word else {}
        ends: dict[int, float] = {}
        for weight, right in self._expansions[symbol].get(word, ()):
            for end, inside in self._sequence(right, begin, weight).items():
                ends[end] = ends.get(end, 0.0) + inside
        return ends

    def _sequence(self, right: tuple[str, ...], begin: int, weight: float) -> dict[int, float]:
        reached = {begin: weight}
        for symbol in right:
            onward: dict[int, float] = {}
            for position, before in reached.items():
                for end, inside in self.spans(symbol, position).items():
                    onward[end] = onward.get(end, 0.0) + before * inside
            reached = onward
        return reached


def _first_words(rules: Sequence[Rule]) -> dict[str, frozenset[str]]:
    groups = by_symbol(rules)
    done: dict[str, frozenset[str]] = {}

    def words_of(symbol: str, path: tuple[str, ...]) -> frozenset[str]:
        if symbol in path:
            raise ValueError(f"the symbol {symbol} can start with itself: {' -> '.join((*path, symbol))}")
        if symbol not in groups:
            return frozenset({symbol})
        if symbol not in done:
            done[symbol] = frozenset().union(*(words_of(rule.right[0], (*path, symbol)) for rule in groups[symbol]))
        return done[symbol]

    return {symbol: words_of(symbol, ()) for rule in rules for symbol in (rule.left, rule.right[0])}


def _by_first_word(rules: Sequence[Rule], firsts: dict[str, frozenset[str]]) -> dict[str, list[Expansion]]:
    table: dict[str, list[Expansion]] = defaultdict(list)
    for rule in rules:
        for word in firsts[rule.right[0]]:
            table[word].append((rule.weight, rule.right))
    return dict(table)
