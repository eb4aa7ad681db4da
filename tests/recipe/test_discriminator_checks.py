from __future__ import annotations

from collections.abc import Callable

import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.schema import Recipe

MakeRecipe = Callable[..., Recipe]
WINDOW = "{kind: random_window, steps: 4, encoder: {kind: recurrent}}"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["encoders=[{kind: recurrent, weight: 2}]"], "give heads: separate, or leave weights out"),
        (["heads=separate", "scores=both"], "give scores: sequence, or heads: joined"),
        (["scores=steps"], "leave the other encoders out and group_size at 0"),
        (["scores=steps", "encoders=[{kind: recurrent}]"], "leave the other encoders out and group_size at 0"),
        (["scores=both", f"encoders=[{WINDOW}]"], "scores 'both' needs an encoder of kind 'recurrent'"),
        (["packing=4"], "give a multiple of packing from 8 on, or 0"),
        (["packing=3"], "give a multiple of packing from 6 on, or 0"),
        (["packing=2", "group_labels=mixed"], "packing joins sequences of one label"),
        (["packing=3", "group_size=0"], "batch_size 16 is not a multiple of discriminator.packing 3"),
        (["encoders=[{kind: multi_representation}]", "group_size=0", "label=both"], "and label 'projection'"),
        ([f"encoders=[{WINDOW.replace('recurrent', 'recurrent, weight: 2')}]"], "beside 'kind: random_window'"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(
    tiny_rows: MakeRecipe, overrides: list[str], message: str
) -> None:
    with pytest.raises(UserError, match=message.replace("(", "\\(")):
        tiny_rows(*(f"discriminator.{override}" for override in overrides))


@pytest.mark.parametrize(
    "overrides",
    [
        [f"encoders=[{{kind: recurrent, weight: 2}}, {WINDOW}]", "heads=separate"],
        ["scores=steps", "encoders=[{kind: recurrent}]", "group_size=0", "label=concatenation"],
        ["packing=2", "scores=both"],
        ["packing=4", "group_size=0"],
        ["group_size=16", "group_labels=mixed"],
    ],
)
def test_what_fits_is_taken(tiny_rows: MakeRecipe, overrides: list[str]) -> None:
    tiny_rows(*(f"discriminator.{override}" for override in overrides))


def test_text_is_not_packed(tiny_text: MakeRecipe) -> None:
    with pytest.raises(UserError, match="discriminator.packing joins frames"):
        tiny_text("discriminator.packing=2")


@pytest.mark.parametrize("override", [f"encoders=[{WINDOW}]", "heads=separate", "scores=both", "group_size=2"])
def test_a_residual_model_needs_one_score(tiny_text: MakeRecipe, override: str) -> None:
    with pytest.raises(UserError, match="'residual' needs one score for each sequence by itself"):
        tiny_text("adversarial=null", "residual={steps: 2}", f"discriminator.{override}")


def test_constants_need_noise_of_the_sequence(tiny_rows: MakeRecipe) -> None:
    with pytest.raises(UserError, match="constant_dim makes constant values from the noise of a sequence"):
        tiny_rows("generator.noise_dim=0", "generator.constant_dim=8")


def test_a_generator_without_noise_is_refused(tiny_rows: MakeRecipe) -> None:
    with pytest.raises(UserError, match="both 0, so that all sequences would be one: raise one"):
        tiny_rows("generator.noise_dim=0", "generator.step_noise_dim=0")
