"""Tokens back to natural sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.domains.text.detokenize import capitalize, detokenize
from seqgan_toolkit.domains.text.words import split_chunk


@pytest.mark.parametrize(
    ("tokens", "sentence"),
    [
        ("a man rides a horse .", "a man rides a horse."),
        ('he said , " wait ! " and left .', 'he said, "wait!" and left.'),
        ("`` no , '' she said -lrb- twice -rrb- .", '"no," she said (twice).'),
        ("it ' s here and they don ' t know .", "it's here and they don't know."),
        ("the dog does n't see the cat 's tail .", "the dog doesn't see the cat's tail."),
        ("the dogs ' bowl is empty .", "the dogs' bowl is empty."),
        ("it rose by 3 . 5 % to $ 1 , 000 .", "it rose by 3.5% to $1,000."),
        ("in 2010 , 300 people left .", "in 2010, 300 people left."),
        ("Mr . Smith [ left ] ; why ?", "Mr. Smith [left]; why?"),
        ("« oui » … “ yes ” ‘ so ’", "«oui»… “yes” ‘so’"),
        ("er sagt „ ja “ , » nein « und “ so ” .", "er sagt „ja“, »nein« und “so”."),
        ("« oui » , « non »", "«oui», «non»"),
        ("cut „ short » of it", "cut „short» of it"),
        ('a 5 " screen', 'a 5" screen'),
        ("", ""),
    ],
)
def test_signs_go_where_they_belong(tokens, sentence):
    assert detokenize(tokens.split()) == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello, world!",
        'He said: "I don\'t know (yet)," and left the U.S. at 10:30.',
        "They paid $3.50 - or 1,000 in all; a well-known price...",
        "The 'old' dogs' bowl isn't here.",
        "Sie nannte es „Glück“, er »Zufall« und ich “luck”.",
    ],
)
def test_parting_and_joining_raw_text_gives_it_back(sentence):
    assert detokenize([word for chunk in sentence.split() for word in split_chunk(chunk)]) == sentence


@given(st.lists(st.text("ab1.,'\"`([)$%’!", min_size=1, max_size=4), max_size=12))
def test_joining_keeps_every_token_but_renamed_quotes(tokens):
    def alike(text):
        # A pair of single marks is one double mark, wherever one token ends and the next begins.
        return text.replace('"', "''").replace("`", "'")

    assert alike(detokenize(tokens).replace(" ", "")) == alike("".join(tokens))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a man and i ride.", "A man and I ride."),
        ('"i\'m here," i said.', '"I\'m here," I said.'),
        ("the i-beam, i.e. hi-fi", "The i-beam, i.e. hi-fi"),
        ("éa", "Éa"),
        ("3 men", "3 men"),
        ("...", "..."),
    ],
)
def test_capitals(sentence, expected):
    assert capitalize(sentence) == expected
