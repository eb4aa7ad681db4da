"""From tokens back to a sentence as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Sequence

CLOSING = frozenset(".,!?;:%)]}…»”。，！？；：、）」》") | {"...", "..", "....", "n't", "n’t"}
"""Tokens that stand against the word before them."""
OPENING = frozenset("([{«“„$£€#¿¡（「《")
"""Tokens that stand against the word after them."""
CLITICS = frozenset({"s", "t", "m", "d", "re", "ve", "ll"})
"""What follows the apostrophe of a parted word: it ' s, don ' t."""
PARTNERS = {"„": "“”", "“": "”", "«": "»", "»": "«"}
"""What closes a quote that a sign has opened: „so“ in German, »so« in Danish, «so» in French."""
RENAMED = {"``": '"', "''": '"', "-lrb-": "(", "-rrb-": ")", "-LRB-": "(", "-RRB-": ")"}
"""Penn Treebank's names of signs."""
SENTENCE_ENDS = ".!?"

_ATTACHED_CLITIC = re.compile(r"['’](?:s|t|m|d|re|ve|ll|em)", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"(?<![\w'’.-])i(?=$|[\s,!?;:)\"]|\.(?!\w)|['’](?:m|d|ve|ll)\b)")


def detokenize(tokens: Sequence[str]) -> str:
    """Join tokens into a natural sentence.

    Signs go to the word they belong to, quotes and brackets close around what they hold, parted words ("do n't",
    "it ' s") and numbers ("3 . 5", "1 , 000") are made whole. A hyphen that stands alone stays so: it may be a dash.

    Args:
        tokens: words and signs.
    """
    names = [RENAMED.get(token, token) for token in tokens]
    text, glued, open_quotes = "", True, set[str]()
    for index, token in enumerate(names):
        before, after = _sides(names, index, open_quotes)
        text += token if before or glued else " " + token
        glued = after
    return text


def _sides(tokens: Sequence[str], index: int, open_quotes: set[str]) -> tuple[bool, bool]:
    """Tell whether a token stands against its left and against its right neighbour."""
    token = tokens[index]
    previous = tokens[index - 1] if index else ""
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if token in ("'", "’") and previous[-1:].isalpha() and following.lower() in CLITICS:
        return True, True
    if token in (".", ",") and _inside_number(previous, token, following):
        return True, True
    if token in ('"', "'", "`"):
        return _quote_sides(tokens, index, open_quotes)
    opener = next((sign for sign in open_quotes if token in PARTNERS.get(sign, "")), None)
    if opener is not None:
        open_quotes.remove(opener)
        return True, False
    if token in PARTNERS and not set(PARTNERS[token]).isdisjoint(tokens[index + 1 :]):
        open_quotes.add(token)
        return False, True
    if token in CLOSING or token == "’" or (_ATTACHED_CLITIC.fullmatch(token) and index):
        return True, False
    return False, token in OPENING or token == "‘"


def _inside_number(previous: str, sign: str, following: str) -> bool:
    if not (previous.isdecimal() and following.isdecimal()):
        return False
    return sign == "." or (len(previous) <= 3 and len(following) == 3)


def _quote_sides(tokens: Sequence[str], index: int, open_quotes: set[str]) -> tuple[bool, bool]:
    """Open a quote where its partner is still to come, close it where one is open.

    A quote without a partner stands against the word before it: "the dogs ' bowl".
    """
    quote = tokens[index]
    if quote in open_quotes:
        open_quotes.remove(quote)
        return True, False
    if index == 0 or quote in tokens[index + 1 :]:
        open_quotes.add(quote)
        return False, True
    return True, False


def capitalize(sentence: str) -> str:
    """Give a lower-case sentence its capitals: its first letter, and the word "i"."""
    sentence = _FIRST_PERSON.sub("I", sentence)
    for index, character in enumerate(sentence):
        if character.isalnum():
            return sentence[:index] + character.upper() + sentence[index + 1 :]
    return sentence
