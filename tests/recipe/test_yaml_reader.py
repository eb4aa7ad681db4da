from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.problems import Origin
from seqgan_toolkit.recipe.yaml_reader import parse_value, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("1e4", 1e4),
        ("-2.5E+3", -2500.0),
        (".5", 0.5),
        ("3.", 3.0),
        ("12", 12),
        ("-1", -1),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("yes", "yes"),
        ("off", "off"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("-.inf", -math.inf),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1e", "1e"),
        ("'1e4'", "1e4"),
        ("[1, 2e0, a]", [1, 2.0, "a"]),
        ("{a: {b: no}}", {"a": {"b": "no"}}),
        ("#x", "#x"),
        ("a=b", "a=b"),
    ],
)
def test_values_follow_yaml_1_2(text: str, value: object) -> None:
    parsed = parse_value(text)
    assert parsed == value
    assert type(parsed) is type(value)


def test_not_a_number() -> None:
    assert math.isnan(parse_value(".nan"))


# PyYAML takes the other line separators of Unicode for line breaks; they have no place in a recipe.
words = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029"), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3))


@given(trees)
def test_what_is_written_reads_back(tree: object) -> None:
    assert read_yaml(write_yaml(tree), "x").data == tree


@given(st.from_regex(r"[-+]?[0-9.]{1,4}(e[-+]?[0-9]{1,2})?|yes|no|on|null|~|0o7|0x1|1_0|\.inf", fullmatch=True))
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    assert read_yaml(write_yaml({"key": text}), "x").data == {"key": text}


def test_every_key_and_item_has_its_line() -> None:
    document = read_yaml("a: 1\n\nb:\n  - c: 2\n    d: 3\n  - 4\n", "f")
    lines = {location: origin.line for location, origin in document.origins.items()}
    assert lines == {
        (): None,
        ("a",): 1,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 0, "c"): 4,
        ("b", 0, "d"): 5,
        ("b", 1): 6,
    }


def test_an_alias_repeats_its_anchor() -> None:
    assert read_yaml("a: &x {lr: 1}\nb: *x", "f").data == {"a": {"lr": 1}, "b": {"lr": 1}}


def test_a_key_that_appears_twice_is_a_problem_on_the_second_line() -> None:
    document = read_yaml("a:\n  b: 1\n  c: 2\n  b: 3\n", "f")
    assert [str(problem) for problem in document.problems] == ["f:4: key 'a.b' appears twice (first on line 2)"]
    assert document.origins[("a", "b")] == Origin("f", 2)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a:\n\tb: 1", "f:2: a tab"),
        ("a: 1\n b: 2", "f:2: a ':' in the wrong place"),
        ("a: 1\nb: [1, 2\n", "f:3: while parsing a flow sequence"),
        ("a: 1\n---\nb: 1", "f:2: a second document"),
        ("a: 1\nb: \x01", "f:2: a control character"),
        ("a: 1\nb: *x", "f:2: found undefined alias"),
    ],
)
def test_text_that_is_not_yaml_is_refused_with_its_line(text: str, start: str) -> None:
    with pytest.raises(UserError) as caught:
        read_yaml(text, "f")
    assert str(caught.value).startswith(start)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: &x [*x]", "f:2: 'b.0' contains itself"),
        ("a: !!python/name:os.system ''", "f:1: the YAML tag"),
        ("? [a]\n: 1", "f:1: a key must be a plain word"),
        ("a: !!int x", "f:1: 'a': 'x' is not of the YAML type 'int'"),
    ],
)
def test_yaml_that_means_nothing_here_is_a_problem(text: str, message: str) -> None:
    (problem,) = read_yaml(text, "f").problems
    assert str(problem).startswith(message)
