from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe import loading
from seqgan_toolkit.recipe.loading import dump_recipe, load_recipe, override_recipe, parse_recipe

Problems = Callable[..., list[str]]


def test_a_good_recipe_loads(small: str) -> None:
    recipe = parse_recipe(small, "small.yaml")
    assert recipe.teacher_forcing is not None
    assert recipe.teacher_forcing.optimizer.lr == 1e-3
    assert recipe.discriminator is not None
    assert [encoder.kind for encoder in recipe.discriminator.encoders] == ["recurrent", "convolutional"]


def test_a_resolved_recipe_loads_back_equal(small: str) -> None:
    recipe = parse_recipe(small, "small.yaml", ["generator.dropout=1e-5", "name='1e4'", "teacher_forcing=null"])
    assert parse_recipe(dump_recipe(recipe), "again") == recipe
    assert parse_recipe(dump_recipe(recipe, defaults=False), "again") == recipe
    assert "seed: 7" in dump_recipe(recipe, defaults=False)
    assert "ema:" not in dump_recipe(recipe, defaults=False)


def test_all_problems_come_at_once_in_the_order_of_the_file(small: str, problems: Problems) -> None:
    text = small.replace("seed: 7", "seed: abc").replace("max_length", "max_lenght").replace("steps: 5", "step: 5")
    assert problems(text.replace("hidden_dim: 32", "hidden_dim: -1")) == [
        "small.yaml:3: seed: expected a whole number, found 'abc'",
        "small.yaml:7: unknown key 'data.max_lenght' for the kind 'text'. Did you mean 'data.max_length'?",
        "small.yaml:10: generator.hidden_dim must be at least 1, found -1",
        "small.yaml:20: missing key 'adversarial.steps': Rounds; a round is `discriminator_steps` and then one "
        "generator step",
        "small.yaml:21: unknown key 'adversarial.step'. Did you mean 'adversarial.steps'?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 7", "seed: 1.5", "3: seed: expected a whole number, found 1.5"),
        ("seed: 7", "seed:", "3: seed: expected a whole number, found null"),
        ("seed: 7", "seed: {a: 1}", "3: seed: expected a whole number, found a section of keys"),
        ("seed: 7", "seed: [1, 2]", "3: seed: expected a whole number, found a list of 2"),
        ("seed: 7", "device: gpu", "3: device: expected one of auto, cpu, cuda, found 'gpu'."),
        ("seed: 7", "device: cudaa", "3: device: expected one of auto, cpu, cuda, found 'cudaa'. Did you mean 'cuda'?"),
        ("name: small", "name: 3", "2: name: expected text, found 3"),
        ("lr: 1e-3", "lr: fast", "19: teacher_forcing.optimizer.lr: expected a number, found 'fast'"),
        ("lr: 1e-3", "lr: 0", "19: teacher_forcing.optimizer.lr must be greater than 0.0, found 0"),
        ("lr: 1e-3", "final_lr: 2", "19: teacher_forcing.optimizer.final_lr must be at most 1.0, found 2"),
        ("lr: 1e-3", "betas: 3", "19: teacher_forcing.optimizer.betas: expected a list, found 3"),
        ("lr: 1e-3", "betas: [0]", "19: teacher_forcing.optimizer.betas: an item is missing, number 2"),
        ("widths: [2, 3]", "widths: [2, x]", "16: discriminator.encoders.1.widths.1: expected a whole number, "
         "found 'x'"),
        ("kind: gumbel_softmax", "kind: gumbel", "23: adversarial.estimator.kind: expected one of gumbel_softmax, "
         "reinforce, leakgan, pathwise, found 'gumbel'. Did you mean 'gumbel_softmax'?"),
        ("{kind: gumbel_softmax}", "{}", "23: missing key 'adversarial.estimator.kind': one of gumbel_softmax, "
         "reinforce, leakgan, pathwise"),
        ("{kind: gumbel_softmax}", "soft", "23: adversarial.estimator: expected a section of keys, found 'soft'"),
        ("    - kind: recurrent\n      hidden_dim: 16", "    - kind: recurent",
         "14: discriminator.encoders.0.kind: expected one of recurrent, convolutional, "
         "multi_representation, transformer, patches, mean, random_window, or your own class as "
         "package.module:Class, found 'recurent'. Did you mean 'recurrent'?"),
        ("kind: recurrent", "kind: my:Own", "15: unknown key 'discriminator.encoders.0.hidden_dim' for the kind "
         "'custom'. Known here: weight, kind, args"),
        ("{kind: convolutional, widths: [2, 3]}", "{kind: 'my-own:C'}", "16: discriminator.encoders.1.kind: a class of "
         "your own is written package.module:Class, found 'my-own:C'"),
        ("seed: 7", "group_size: 7", "3: unknown key 'group_size'. There is 'discriminator.group_size'."),
        ("seed: 7", "discriminator_pretraining: {steps: 7}", "3: unknown key 'discriminator_pretraining'. Did you mean "
         "'adversarial.discriminator_steps' or 'adversarial.pretraining_steps'?"),
        ("seed: 7", "pretrainig_steps: 7", "3: unknown key 'pretrainig_steps'. Did you mean "
         "'adversarial.pretraining_steps'?"),
        ("lr: 1e-3", "group_size: 4", "19: unknown key 'teacher_forcing.optimizer.group_size'. There is "
         "'discriminator.group_size'."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(small: str, problems: Problems, old: str, new: str, message: str) -> None:
    assert old in small
    assert problems(small.replace(old, new)) == [f"small.yaml:{message}"]


def test_an_empty_list_of_encoders(small: str, problems: Problems) -> None:
    assert problems(small, ["discriminator.encoders=[]"]) == [
        "override 'discriminator.encoders=[]': discriminator.encoders needs at least 1 item(s), found 0"
    ]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["adversarial.batch_size=6"], "override 'adversarial.batch_size=6': adversarial.batch_size 6 is not a"),
        (["adversarial.penalty={kind: wgan_gp}"], "override 'adversarial.penalty={kind: wgan_gp}': "
         "adversarial.penalty: kind 'wgan_gp' needs backend 'exact'"),
        (["adversarial.loss=wasserstein", "adversarial.penalty.gamma=0"], "override "
         "'adversarial.loss=wasserstein': adversarial.loss 'wasserstein' needs a discriminator of bounded slope"),
        (["discriminator.encoders.1.channels=[4, 5, 6]"], "override 'discriminator.encoders.1.channels=[4, 5, 6]': "
         "discriminator.encoders.1: there are 3 channels for 2 widths"),
        (["discriminator.encoders.0={kind: multi_representation}"], "small.yaml:13: "
         "discriminator: encoders: 'multi_representation'"),
        (["discriminator.encoders.0={kind: transformer, hidden_dim: 9}"], "override "
         "'discriminator.encoders.0={kind: transformer, hidden_dim: 9}': discriminator.encoders.0: hidden_dim 9 is"),
        (["discriminator=null"], "small.yaml:20: 'adversarial' needs a 'discriminator'"),
        (["discriminator.scores=both", "discriminator.encoders=[{kind: patches}]"], "override "
         "'discriminator.scores=both': discriminator: scores 'both' needs"),
        (["teacher_forcing=null", "adversarial=null"], "override 'teacher_forcing=null': there is nothing to train"),
        (["generator.num_heads=2"], "override 'generator.num_heads=2': generator: num_heads is for the cells rmc and "
         "transformer: leave it out for 'lstm'"),
        (["generator.cell=transformer", "generator.num_slots=2"], "override 'generator.num_slots=2': generator: "
         "num_slots is for the cell rmc: leave it out for 'transformer'"),
        (["generator.cell=rmc", "generator.num_layers=2"], "override 'generator.num_layers=2': generator: num_layers "
         "must be 1 for the cell 'rmc'"),
        (["generator.cell=transformer", "generator.num_heads=3"], "small.yaml:10: generator: hidden_dim 32 is not a "
         "multiple of num_heads 3"),
        (["generator={kind: frames}"], "override 'generator={kind: frames}': a generator of kind 'frames' cannot"),
    ],
)  # fmt: skip
def test_a_rule_between_keys_stands_at_the_first_key_it_names(
    small: str, problems: Problems, overrides: list[str], message: str
) -> None:
    (problem,) = problems(small, overrides)
    assert problem.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "small.yaml: the recipe is empty"),
        ("# nothing\n", "small.yaml: the recipe is empty"),
        ("- a\n- b\n", "small.yaml: a recipe is made of 'key: value' lines, and this is a list of 2"),
        ("words", "small.yaml: a recipe is made of 'key: value' lines, and this is 'words'"),
    ],
)
def test_text_that_is_no_recipe(problems: Problems, text: str, message: str) -> None:
    assert problems(text) == [message]


def test_missing_sections_are_all_named(problems: Problems) -> None:
    assert problems("name: x") == ["small.yaml: missing key 'data'", "small.yaml: missing key 'generator'"]


def test_a_file_is_found_and_shown_relative_to_the_working_directory(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mine" / "small.yaml"
    path.parent.mkdir()
    path.write_text("\ufeff" + small.replace("seed: 7", "sede: 7"), encoding="utf-8")
    for name in (path, str(path), "mine/small.yaml"):
        with pytest.raises(UserError, match=r"^mine/small\.yaml:3: unknown key 'sede'\. Did you mean 'seed'\?$"):
            load_recipe(name)


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"name: a\nseed: \xff\n")
    with pytest.raises(UserError, match=r"bad\.yaml:2: the file is not UTF-8 text$"):
        load_recipe(path)


def test_a_missing_file_lists_its_neighbours(small: str, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(small, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_recipe(tmp_path / "smal.yaml")
    message = str(caught.value)
    assert "there is no such recipe. Did you mean 'small'?" in message
    assert str(tmp_path / "small.yaml") in message


def test_a_run_directory_is_not_a_recipe(small: str, tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(small, encoding="utf-8")
    with pytest.raises(UserError, match=r"this is a directory.*did you mean '.*recipe\.yaml'\?$"):
        load_recipe(tmp_path)
    assert load_recipe(tmp_path / "recipe.yaml").name == "small"


@pytest.mark.parametrize("name", ["small", "small.yaml", "recipes/small.yaml", "recipes/small"])
def test_a_shipped_recipe_is_found_by_name(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "small.yaml").write_text(small, encoding="utf-8")
    monkeypatch.setattr("seqgan_toolkit.recipe.catalogue.catalogue_directory", lambda: shipped)
    monkeypatch.chdir(tmp_path)
    assert load_recipe(name).seed == 7


def test_a_local_file_comes_before_a_shipped_one(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "text_lstm.yaml").write_text(small, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert loading.find_recipe("recipes/text_lstm.yaml") == Path("recipes/text_lstm.yaml")


def test_a_loaded_recipe_can_be_overridden(small: str) -> None:
    recipe = parse_recipe(small, "small.yaml")
    assert override_recipe(recipe, {"seed": 9}).seed == 9
    assert override_recipe(recipe, ()) is recipe
    with pytest.raises(UserError, match=r"^override 'sed=1': unknown key 'sed'\. Did you mean 'seed'\?$"):
        override_recipe(recipe, {"sed": 1})


def test_one_number_of_channels_is_for_all_widths(small: str) -> None:
    recipe = parse_recipe(small, "small.yaml", ["discriminator.encoders.1.channels=7"])
    assert recipe.discriminator is not None
    assert recipe.discriminator.encoders[1].channels == (7,)
    assert parse_recipe(dump_recipe(recipe), "again") == recipe


def test_wasserstein_goes_with_spectral_norm(small: str, problems: Problems) -> None:
    slack = ["adversarial.loss=wasserstein", "adversarial.penalty.gamma=0"]
    assert problems(small, [*slack, "discriminator.spectral_norm=true"]) == []
