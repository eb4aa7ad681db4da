"""Rules of a probabilistic grammar, and how they are written down."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Rule:
    """One way of expanding a symbol.

    Attributes:
        left: the symbol that is expanded.
        right: what it becomes: at least one symbol. Symbols that no rule expands are words.
        weight: its probability among the rules of `left`, or another weight where derivations are not sampled.
    """

    left: str
    right: tuple[str, ...]
    weight: float


def read_rules(
    text: str, features: Mapping[str, Sequence[str]] | None = None, number_of: Mapping[str, str] | None = None
) -> list[Rule]:
    """Read rules written `LEFT -> WEIGHT SYMBOLS`, one a line, once for each value of the features in braces.

    Args:
        text: the lines; empty lines are skipped.
        features: the values of each feature letter.
        number_of: the number {n} that goes with a value of the features whose values it names; where a rule has such
            a feature, {n} follows it, and elsewhere {n} takes its own values.

    Returns:
        The rules with their weights as written, in the order of the lines.
    """
    return [
        rule for line in text.splitlines() if line.strip() for rule in _rules_of(line, features or {}, number_of or {})
    ]


def _rules_of(line: str, features: Mapping[str, Sequence[str]], number_of: Mapping[str, str]) -> Iterator[Rule]:
    left, _, rest = line.partition("->")
    for values in _valuations(line, features, number_of):
        weight, *right = rest.format_map(values).split()
        yield Rule(left.strip().format_map(values), tuple(right), float(weight))


def _valuations(
    line: str, features: Mapping[str, Sequence[str]], number_of: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    letters = sorted(set(re.findall(r"{(\w)}", line)))
    actor = next((letter for letter in letters if set(features[letter]) <= set(number_of)), None)
    free = [letter for letter in letters if actor is None or letter != "n"]
    for chosen in product(*(features[letter] for letter in free)):
        values = dict(zip(free, chosen, strict=True))
        yield values if actor is None else {**values, "n": number_of[values[actor]]}


def word_rules(symbol: str, words: Iterable[str]) -> list[Rule]:
    """Return the rules by which `symbol` becomes any of `words`, all equally likely."""
    return [Rule(symbol, (word,), 1.0) for word in words]


def reachable(rules: Sequence[Rule], start: str) -> list[Rule]:
    """Return the rules that derivations from `start` can use."""
    by_left = by_symbol(rules)
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        symbol = waiting.pop()
        if symbol in by_left and symbol not in seen:
            seen.add(symbol)
            waiting.extend(child for rule in by_left[symbol] for child in rule.right)
    return [rule for rule in rules if rule.left in seen]


def normalised(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules with weights that sum to one for every left side."""
    totals: dict[str, float] = defaultdict(float)
    for rule in rules:
        totals[rule.left] += rule.weight
    return [Rule(rule.left, rule.right, rule.weight / totals[rule.left]) for rule in rules]


def by_symbol(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    """Group the rules by the symbol that they expand."""
    groups: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.left].append(rule)
    return dict(groups)
