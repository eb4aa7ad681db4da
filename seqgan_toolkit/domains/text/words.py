"""From raw text to words: which characters part from a word, and whether a text is parted already."""

from __future__ import annotations

import re

SIGNS = ".,!?;:\"“”„«»()\\[\\]{}…‘’'`¿¡。，！？；：、（）「」《》—–"
"""Punctuation that parts from words. Hyphens, currency, per cent and the like stay inside a word."""

WORD = re.compile(
    rf"""
      <\w+>                                          # a placeholder: <unk>, <num>
    | \.{{2,}}                                       # dots of omission
    | (?:[^\W\d_]\.){{2,}}                           # U.S., e.g.
    | ^['’](?:s|t|m|d|re|ve|ll|em)$                  # 's, 're: the second half of a parted word
    | [^\s{SIGNS}]+(?:(?:[.'’]|(?<=\d)[,:](?=\d))[^\s{SIGNS}]+)*   # don't, 3.5, 1,000, 10:30, example.org
    | [{SIGNS}]                                      # every other sign alone
    """,
    re.VERBOSE | re.IGNORECASE,
)

_STANDING = re.compile(r"[.,!?;:\"()。，！？]+")
_ATTACHED = re.compile(r"[^.,!?;:\"()].*[.,!?;:\")]|[\"(].*[^.,!?;:\")]|.*[。，！？].*")


def split_chunk(chunk: str) -> tuple[str, ...]:
    """Part one run of characters without white space into words and signs: "world!" gives ("world", "!")."""
    return tuple(WORD.findall(chunk))


def punctuation_balance(chunk: str) -> int:
    """Return 1 for a sign that stands alone, -1 for one attached to a word, 0 for a chunk without either.

    A text whose balance is negative is raw; otherwise it is parted into words already (or has no punctuation).
    """
    if _STANDING.fullmatch(chunk):
        return 1
    return -1 if _ATTACHED.fullmatch(chunk) else 0
