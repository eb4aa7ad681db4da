"""Write a small labelled corpus, one file a class: what each sentence is about.

    python egs/own_text/make_data.py --out runs/own_text_data

The sentences come from the built-in grammar, whose main clauses are held to one kind of subject: an animal, a person, a
thing, or "there is". So it can be told exactly whether a sentence belongs to its class. Put your own files in their
place: one a class, one sentence a line.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqgan_toolkit.domains.text.grammar import Grammar, english

CLASSES = {
    "animals": ("Subject.a", "Subject.q"),
    "people": ("Subject.m", "Subject.f", "Subject.p"),
    "things": ("Matter.s", "Matter.p"),
    "scenes": ("there",),
}
"""What the main clauses of a class begin with."""


def grammar_of(name: str) -> Grammar:
    """Return the built-in grammar, held to one class."""
    beginnings = CLASSES[name]

    def belongs(left: str, first: str) -> bool:
        # "The man and his dog" would count as animals.
        return first in beginnings if left == "Clause" else left != "Pair.q" or first == "Basic.a"

    rules = [rule for rule in english().rules if belongs(rule.left, rule.right[0])]
    return Grammar(rules)


def write(out: Path, num: int, seed: int) -> None:
    """Write `num` different sentences of each class."""
    out.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(CLASSES):
        grammar, rng = grammar_of(name), np.random.default_rng([seed, index])
        found: dict[str, None] = {}
        while len(found) < num:
            found[grammar.sample(rng)] = None
        (out / f"{name}.txt").write_text("\n".join(found) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files and print where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/own_text_data"))
    parser.add_argument("--num", type=int, default=2500, help="sentences of each class")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    write(chosen.out, chosen.num, chosen.seed)
    print(*sorted(chosen.out.glob("*.txt")), sep="\n")


if __name__ == "__main__":
    main()
