import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.labels import Factors, matching, name_of, spread

NAMES = ["digit=0,speaker=a", "digit=0,speaker=b", "digit=1,speaker=b"]


def test_names_of_several_factors() -> None:
    factors = Factors.of(NAMES)
    assert factors.names == ("digit", "speaker")
    assert factors.values == (("0", "1"), ("a", "b"))
    assert factors.table == ((0, 0), (0, 1), (1, 1))
    assert factors.sizes == (2, 2)
    assert factors.column(1) == (0, 1, 1)


@pytest.mark.parametrize("names", [["cat", "dog"], ["a=1", "b=1"], ["a=1", "plain"], ["a=1,b=2", "a=1"]])
def test_names_that_do_not_agree_are_one_factor(names: list[str]) -> None:
    factors = Factors.of(names)
    assert factors.names == ("label",)
    assert factors.values == (tuple(names),)
    assert factors.table == ((0,), (1,))


def test_no_labels() -> None:
    assert Factors.of([]) == Factors((), (), ())


def test_a_label_is_found_by_some_of_its_factors() -> None:
    assert matching(NAMES, "digit=0") == [0, 1]
    assert matching(NAMES, "speaker=b") == [1, 2]
    assert matching(NAMES, "speaker=b,digit=0") == [1]
    assert matching(["cat", "dog"], "dog") == [1]


@pytest.mark.parametrize("wanted", ["digit=2", "7", "speaker", "mood=glad", ""])
def test_a_label_that_is_not_there(wanted: str) -> None:
    with pytest.raises(UserError, match="digit=0,speaker=a"):
        matching(NAMES, wanted)


def test_a_value_without_its_factor_is_understood() -> None:
    with pytest.raises(UserError, match=r"Did you mean 'speaker=a'\?$"):
        matching(NAMES, "a")


def test_names_are_read_back() -> None:
    assert name_of({"label": "a=b"}) == "a=b"
    assert Factors.of([name_of({"digit": "7", "speaker": "theo"})]).values == (("7",), ("theo",))
    for value in ("", "a,b", "a=b"):
        with pytest.raises(UserError, match="speaker"):
            name_of({"digit": "7", "speaker": value})


@pytest.mark.parametrize("num_labels", [1, 2, 3, 10, 24, 60, 97])
def test_labels_for_fewer_sequences_are_different_and_for_more_come_in_turn(num_labels: int) -> None:
    for num in range(1, num_labels):
        assert len(set(spread(num, num_labels))) == num
        assert max(spread(num, num_labels)) < num_labels
    assert spread(2 * num_labels + 1, num_labels) == [*range(num_labels), *range(num_labels), 0]


def test_twenty_of_sixty_labels_show_every_digit_and_every_speaker() -> None:
    factors = Factors.of([f"digit={digit},speaker={speaker}" for digit in range(10) for speaker in "abcdef"])
    shown = spread(20, 60)
    assert [len({factors.column(factor)[label] for label in shown}) for factor in (0, 1)] == [10, 6]
