"""Tokenizers: round trips, raw and parted text, bounded counting."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgan_toolkit.domains.text.domain import TOKENIZERS
from seqgan_toolkit.domains.text.subwords import Reservoir, SubwordFitter
from seqgan_toolkit.domains.text.tokenizers import CharacterFitter, TypeCounter, WordFitter
from seqgan_toolkit.domains.text.words import split_chunk
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import UNKNOWN

CAPTIONS = [
    "a man rides a brown horse .",
    "two dogs run on the beach , and a boy throws a ball .",
    "the woman doesn't see the red kite in the sky .",
    "a bowl of 3.5 oranges on a wooden table .",
]

# Without surrogates, which no UTF-8 file holds, and without sentencepiece's own mark for a space.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="▁"), max_size=60)


def fit(fitter, sentences):
    for sentence in sentences:
        fitter.add(sentence)
    return fitter.finish()


def words_of(tokenizer, sentence):
    return [tokenizer.tokens[index] for index in tokenizer.encode(sentence)]


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def subwords(request):
    return fit(SubwordFitter(request.param, 400, seed=0), CAPTIONS * 20)


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_word_round_trip_is_exact_when_text_is_parted(sentences):
    # Enough free signs make the text count as parted, whatever hypothesis puts beside them.
    tokenizer = fit(WordFitter(10_000), [*sentences, " ".join([". ,"] * 400)])
    assert not tokenizer.split_punctuation
    for sentence in sentences:
        known = [word for word in sentence.split() if word not in ("<pad>", "<s>", "</s>")]
        assert tokenizer.decode(tokenizer.encode(" ".join(known))) == " ".join(known)


@given(TEXT)
def test_parting_a_word_loses_no_character(text):
    for chunk in text.split():
        assert "".join(split_chunk(chunk)) == chunk


@given(st.lists(TEXT, min_size=1, max_size=5))
def test_character_round_trip_is_exact_up_to_white_space(sentences):
    tokenizer = fit(CharacterFitter(1000), sentences)
    for sentence in sentences:
        assert tokenizer.decode(tokenizer.encode(sentence)) == " ".join(sentence.split())


@settings(max_examples=200)
@given(text=TEXT)
def test_subword_round_trip_is_exact_up_to_white_space(subwords, text):
    ids = subwords.encode(text)
    assert UNKNOWN not in ids
    assert subwords.decode(ids) == " ".join(text.split())


def test_state_rebuilds_every_tokenizer(subwords):
    for tokenizer in (fit(WordFitter(50), CAPTIONS), fit(CharacterFitter(50), CAPTIONS), subwords):
        state = json.loads(json.dumps(tokenizer.state()))
        rebuilt = TOKENIZERS[state["kind"]](state)
        assert rebuilt.tokens == tokenizer.tokens
        assert rebuilt.encode("a new red dog .") == tokenizer.encode("a new red dog .")
        assert rebuilt.state() == tokenizer.state()


def test_special_ids_come_first(subwords):
    for tokenizer in (fit(WordFitter(50), CAPTIONS), fit(CharacterFitter(50), CAPTIONS), subwords):
        assert tokenizer.tokens[:4] == ("<pad>", "<s>", "</s>", "<unk>")
        assert min(min(tokenizer.encode(sentence)) for sentence in CAPTIONS) > UNKNOWN


def test_raw_text_is_parted():
    raw = [
        "Hello, world!",
        "I don't pay $3.50 (or 1,000) at 10:30.",
        'He said: "Go to the U.S. now..."',
        "It's well-known.",
    ]
    tokenizer = fit(WordFitter(100), raw)
    assert tokenizer.split_punctuation
    assert words_of(tokenizer, raw[0]) == ["Hello", ",", "world", "!"]
    assert words_of(tokenizer, raw[1]) == ["I", "don't", "pay", "$3.50", "(", "or", "1,000", ")", "at", "10:30", "."]
    assert words_of(tokenizer, raw[2]) == ["He", "said", ":", '"', "Go", "to", "the", "U.S.", "now", "...", '"']
    assert words_of(tokenizer, raw[3]) == ["It's", "well-known", "."]


def test_parted_text_is_left_alone():
    parted = [
        "Mr. Smith 's dog does n't bark .",
        "he paid -lrb- $ 3.50 -rrb- , i.e. a lot .",
        "`` wait ... , '' she said .",
    ]
    tokenizer = fit(WordFitter(100), parted)
    assert not tokenizer.split_punctuation
    assert [words_of(tokenizer, sentence) for sentence in parted] == [sentence.split() for sentence in parted]


def test_the_most_frequent_words_are_kept():
    tokenizer = fit(WordFitter(6), ["b b b a a c", "b c a d"])
    assert tokenizer.tokens[4:] == ("b", "a")
    assert tokenizer.encode("a c b <unk> <s>") == [5, UNKNOWN, 4, UNKNOWN, UNKNOWN]


def test_counting_forgets_the_rarest_first():
    counter = TypeCounter(most=100)
    for index in range(5000):
        counter.add(["often", f"once-{index}", f"some-{index % 10}"])
    assert len(counter.counts) <= 100
    assert counter.counts["often"] == 5000
    assert all(counter.counts[f"some-{index}"] > 0 for index in range(10))


def test_reservoir_is_uniform_and_seeded():
    def draw(seed):
        sample = Reservoir(20, seed=seed)
        for index in range(1000):
            sample.add(str(index))
        return sample.items

    assert draw(3) == draw(3) != draw(4)
    mean = sum(int(item) for seed in range(100) for item in draw(seed)) / 2000
    assert abs(mean - 499.5) < 4 * 288.7 / 2000**0.5


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_a_vocabulary_too_large_is_made_smaller(kind, capfd):
    tokenizer = fit(SubwordFitter(kind, 5000, seed=0), CAPTIONS)
    assert 4 + 256 < len(tokenizer.tokens) < 5000
    assert tokenizer.decode(tokenizer.encode(CAPTIONS[1])) == CAPTIONS[1]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_a_vocabulary_too_small_is_refused_with_the_size_that_works(kind):
    with pytest.raises(UserError, match="at least (\\d+)") as error:
        fit(SubwordFitter(kind, 100, seed=0), CAPTIONS)
    smallest = int(str(error.value).split()[-1])
    tokenizer = fit(SubwordFitter(kind, smallest, seed=0), CAPTIONS)
    assert len(tokenizer.tokens) == smallest


def test_subword_training_is_repeatable():
    models = [fit(SubwordFitter("unigram", 320, seed=1), CAPTIONS * 10).state()["model"] for _ in range(2)]
    assert models[0] == models[1]
