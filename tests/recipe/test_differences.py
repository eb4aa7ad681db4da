from __future__ import annotations

from seqgan_toolkit.recipe.differences import differences, different_values
from seqgan_toolkit.recipe.loading import parse_recipe


def test_equal_recipes_have_none(small: str) -> None:
    assert differences(parse_recipe(small, "a"), parse_recipe(small, "b")) == []


def test_a_folder_is_the_same_with_its_slash(small: str) -> None:
    with_slash, without = (parse_recipe(small, "a", [f"data.source={name}"]) for name in ("my/", "my"))
    assert differences(with_slash, without) == []
    assert parse_recipe(small, "a", ["data.source=/"]).data.source == "/"


def test_every_key_is_named_with_both_values(small: str) -> None:
    changed = ["seed=8", "data.lowercase=true", "threads=2", "discriminator.encoders.1.widths=[3]"]
    assert differences(parse_recipe(small, "a"), parse_recipe(small, "b", changed)) == [
        "seed: 7 and 8",
        "threads: null and 2",
        "data.lowercase: false and true",
        "discriminator.encoders.1.widths: [2, 3] and [3]",
    ]


def test_a_section_that_one_of_them_lacks(small: str) -> None:
    lines = differences(parse_recipe(small, "a", ["teacher_forcing=null"]), parse_recipe(small, "b"))
    assert lines == ["teacher_forcing: null and a section"]
    assert different_values({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"b": 2}]}) == ["a.1: absent and a section"]


def test_long_values_are_compared_whole_and_shown_in_part() -> None:
    a, b = {"spec": {"words": "x" * 100 + "a", "hop": 64}}, {"spec": {"words": "x" * 100 + "b", "hop": 64}}
    assert different_values(a, b) == [f"spec.words: {'x' * 60} … and {'x' * 60} …"]
