from __future__ import annotations

from collections.abc import Callable

import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.schema import ConvolutionalEncoder, RecurrentEncoder, TextData

Problems = Callable[..., list[str]]


def test_values_are_yaml_and_split_at_the_first_equals(small: str) -> None:
    overrides = ["data.source=a=b.txt", "ema=5e-1", "threads=null", " seed = 3 ", "data.lowercase=yes"]
    recipe = parse_recipe(small, "small.yaml", overrides)
    assert recipe.data.source == "a=b.txt"
    assert (recipe.ema, recipe.threads, recipe.seed) == (0.5, None, 3)
    assert isinstance(recipe.data, TextData)
    assert recipe.data.lowercase is True


def test_an_item_of_a_list_is_reached_by_its_number(small: str) -> None:
    recipe = parse_recipe(
        small, "small.yaml", ["discriminator.encoders.0.hidden_dim=64", "discriminator.encoders.1.widths.1=5"]
    )
    assert recipe.discriminator is not None
    first, second = recipe.discriminator.encoders
    assert isinstance(first, RecurrentEncoder)
    assert isinstance(second, ConvolutionalEncoder)
    assert (first.hidden_dim, second.widths) == (64, (2, 5))


def test_an_override_brings_a_section_and_takes_one_away(small: str) -> None:
    without = parse_recipe(small, "small.yaml", ["teacher_forcing=null"])
    assert without.teacher_forcing is None
    again = parse_recipe(small, "small.yaml", ["teacher_forcing=null", "teacher_forcing.steps=10"])
    assert again.teacher_forcing is not None
    assert again.teacher_forcing.steps == 10
    logged = parse_recipe(small, "small.yaml", ["logging.log_every=3", "adversarial.penalty.gamma=2"])
    assert logged.logging.log_every == 3


def test_the_last_override_wins_and_the_python_form_is_equal(small: str) -> None:
    assert parse_recipe(small, "s", ["seed=1", "seed=2"]) == parse_recipe(small, "s", {"seed": 2})
    section = {"kind": "gumbel_softmax", "straight_through": False}
    assert parse_recipe(small, "s", {"adversarial.estimator": section}) == parse_recipe(
        small, "s", ["adversarial.estimator.straight_through=false"]
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("adversarial.step=3", "unknown key 'adversarial.step'. Did you mean 'adversarial.steps'?"),
        ("adverserial.steps=3", "unknown key 'adverserial'. Did you mean 'adversarial'?"),
        ("generator.hidden=-1", "unknown key 'generator.hidden' for the kind 'tokens'. Did you mean "
         "'generator.hidden_dim'?"),
        ("generator.hidden_dim=-1", "generator.hidden_dim must be at least 1, found -1"),
        ("adversarial.steps", "an override is written key=value, for instance seed=3"),
        ("seed=", "there is no value after '='; to set a key to nothing, write null"),
        ("=3", "'' is not a key: write the names from the outside in, with one dot between"),
        ("a..b=3", "'a..b' is not a key: write the names from the outside in, with one dot between"),
        ("seed.x=3", "'seed' is a single value and has no 'x'"),
        ("discriminator.encoders.2.kind=patches", "'discriminator.encoders' is a list and has the items 0 to 1: there "
         "is no '2'"),
        ("discriminator.encoders.kind=patches", "'discriminator.encoders' is a list and has the items 0 to 1: there is "
         "no 'kind'"),
        ("data.kind=texts", "data.kind: expected one of text, audio, rows, series, events, found 'texts'. Did you mean "
         "'text'?"),
    ],
)  # fmt: skip
def test_a_wrong_override_is_named(small: str, problems: Problems, override: str, message: str) -> None:
    assert problems(small, [override]) == [f"override '{override}': {message}"]


def test_a_value_that_is_not_yaml(small: str, problems: Problems) -> None:
    (problem,) = problems(small, ["name=[1"])
    assert problem.startswith("override 'name=[1': the value is not valid YAML")


def test_problems_of_file_and_overrides_come_together(small: str, problems: Problems) -> None:
    found = problems(small.replace("seed: 7", "seed: x"), ["b", "ema=2"])
    assert len(found) == 3
    assert {problem.split(":")[0] for problem in found} == {"small.yaml", "override 'b'", "override 'ema=2'"}


def test_a_mistake_in_the_file_can_be_overridden(small: str, problems: Problems) -> None:
    assert problems(small.replace("seed: 7", "seed: x"), ["seed=1"]) == []


def test_a_python_override_is_named_too(small: str) -> None:
    with pytest.raises(UserError, match=r"^override 'seed=x': seed: expected a whole number, found 'x'$"):
        parse_recipe(small, "s", {"seed": "x"})
