"""A run that starts from another one's weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from seqgan_toolkit import stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_model
from seqgan_toolkit.training.checkpoints import load

MakeRecipe = Callable[..., Recipe]
Same = Callable[[Any, Any], None]
STILL = ("teacher_forcing.steps=1", "teacher_forcing.optimizer.lr=1e-30", "adversarial=null")


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_model(RunDirectory(run), None).generator.state_dict()


def from_run(run: Path, **settings: str) -> str:
    return "init_from={" + ", ".join([f"run: '{run}'", *(f"{key}: {value}" for key, value in settings.items())]) + "}"


@pytest.fixture
def fine_tune(tiny_text: MakeRecipe, text_run: Path, tmp_path: Path) -> Callable[..., Path]:
    """Train the tiny recipe from the finished run of it, with overrides."""

    def train(*overrides: str, **settings: str) -> Path:
        stages.train(tiny_text(from_run(text_run, **settings), *overrides), tmp_path / "tuned")
        return tmp_path / "tuned"

    return train


def test_it_starts_from_the_averaged_weights(fine_tune: Callable[..., Path], text_run: Path) -> None:
    tuned, donor = weights(fine_tune(*STILL)), weights(text_run)
    for name, value in tuned.items():
        torch.testing.assert_close(value, donor[name], rtol=0, atol=1e-7, msg=name)


def test_it_can_start_from_an_earlier_model(fine_tune: Callable[..., Path], text_run: Path) -> None:
    tuned = weights(fine_tune(*STILL, model="teacher_forced"))
    donor = load_model(RunDirectory(text_run), "teacher_forced").generator.state_dict()
    assert torch.equal(tuned["cell.network.weight_hh_l0"], donor["cell.network.weight_hh_l0"])
    assert not torch.equal(donor["cell.network.weight_hh_l0"], weights(text_run)["cell.network.weight_hh_l0"])


def tokens_of(model: TrainedModel) -> tuple[str, ...]:
    return model.domain.tokens  # type: ignore[attr-defined]


def test_words_are_matched_by_their_text(
    tiny_text: MakeRecipe, text_run: Path, sentences: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    # Other words, and a new order of frequencies.
    text = (
        sentences.read_text(encoding="utf-8").replace("dog", "zebra").replace("the old", "an old").replace("red", "a")
    )
    other.write_text(text, encoding="utf-8")
    plain = [*STILL, f"data.source={other}", "seed=9"]
    stages.train(tiny_text(*plain), tmp_path / "fresh")
    stages.train(tiny_text(*plain, from_run(text_run)), tmp_path / "tuned")
    tuned, donor, fresh = (
        load_model(RunDirectory(run), None) for run in (tmp_path / "tuned", text_run, tmp_path / "fresh")
    )
    known = {token: index for index, token in enumerate(tokens_of(donor))}
    moved = 0
    for name in ("embedding.weight", "head.weight", "head.bias"):
        for index, token in enumerate(tokens_of(tuned)):
            source, place = (donor, known[token]) if token in known else (fresh, index)
            expected = source.generator.state_dict()[name][place]
            torch.testing.assert_close(tuned.generator.state_dict()[name][index], expected, rtol=0, atol=1e-6)
            moved += token in known and place != index
    assert "zebra" in tokens_of(tuned)
    assert "zebra" not in known
    assert moved > 0


def test_a_transformer_has_a_parameter_without_rows(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    sizes = "{kind: tokens, cell: transformer, embedding_dim: 8, hidden_dim: 8, num_heads: 2, tied_embeddings: true}"
    recipe = ("adversarial=null", "discriminator=null", f"generator={sizes}")
    stages.train(tiny_text(*recipe, "teacher_forcing.steps=2"), tmp_path / "donor")
    stages.train(tiny_text(*recipe, *STILL, from_run(tmp_path / "donor"), "seed=4"), tmp_path / "tuned")
    tuned, taught = weights(tmp_path / "tuned"), weights(tmp_path / "donor")
    assert any(not value.dim() for value in tuned.values())
    for name, value in tuned.items():
        torch.testing.assert_close(value, taught[name], rtol=0, atol=1e-7, msg=name)


def test_frozen_parts_stay_and_the_others_move(fine_tune: Callable[..., Path], text_run: Path) -> None:
    tuned, donor = weights(fine_tune(frozen="[embedding, head.bias]")), weights(text_run)
    still = {name for name, value in tuned.items() if torch.equal(value, donor[name])}
    assert still == {"embedding.weight", "head.bias"}


def test_a_started_run_goes_on_without_the_other(
    tiny_text: MakeRecipe, text_run: Path, tmp_path: Path, cut_short: Callable[[Path, int], Path], same: Same
) -> None:
    donor = tmp_path / "donor"
    shutil.copytree(text_run, donor)
    stages.train(tiny_text(from_run(donor, frozen="[head]"), "logging.checkpoint_every=1"), tmp_path / "whole")
    shutil.rmtree(donor)
    half = cut_short(tmp_path / "whole", 7)
    stages.train(RunDirectory(half).recipe(), half)
    same(*(load(run / "checkpoints" / "adversarial.pt") for run in (half, tmp_path / "whole")))


@pytest.mark.parametrize(
    ("overrides", "settings", "message"),
    [
        (["generator.hidden_dim=17"], {}, "has another shape .cell.network.weight_ih_l0 is .64, 13. there and .68, 13. "
         "here.: give 'generator' the settings of that run's recipe.yaml"),
        (["generator.num_layers=2"], {}, "another shape .cell.network.weight_ih_l1 is absent there"),
        (["data.tokenizer=character"], {}, "not made of the same things .tokenizer: word there and character here"),
        ([], {"frozen": "[embeding]"}, "init_from.frozen: there is no parameter 'embeding'. Known here: embedding, "
         "cell, first_state, head"),
        ([], {"frozen": "[embedding, cell, first_state, head]"}, "nothing of the generator is left to train"),
        ([], {"model": "other"}, "has no finished model 'other'; it has teacher_forced, adversarial"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    fine_tune: Callable[..., Path], overrides: list[str], settings: dict[str, str], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        fine_tune(*STILL, *overrides, **settings)


def test_other_subwords_are_refused(tiny_text: MakeRecipe, sentences: Path, tmp_path: Path) -> None:
    subwords = ("data.tokenizer=unigram", "data.vocabulary_size=300", *STILL)
    stages.train(tiny_text(*subwords), tmp_path / "donor")
    stages.train(tiny_text(*subwords, from_run(tmp_path / "donor")), tmp_path / "same")
    other = tmp_path / "other.txt"
    other.write_text(sentences.read_text(encoding="utf-8").replace("sleeps", "rests a while"), encoding="utf-8")
    with pytest.raises(UserError, match=r"not made of the same things \(model: another one there and another one here"):
        stages.train(tiny_text(*subwords, f"data.source={other}", from_run(tmp_path / "donor")), tmp_path / "other")


def test_frames_start_from_another_run_and_its_threads_are_left_alone(
    tiny_rows: MakeRecipe, tiny_text: MakeRecipe, rows_run: Path, tmp_path: Path
) -> None:
    still = ("adversarial.steps=1", "adversarial.generator_optimizer.lr=1e-30")
    stages.train(tiny_rows(from_run(rows_run), *still), tmp_path / "tuned")
    tuned, donor = weights(tmp_path / "tuned"), weights(rows_run)
    for name, value in tuned.items():
        torch.testing.assert_close(value, donor[name], rtol=0, atol=1e-7, msg=name)
    with pytest.raises(UserError, match="makes rows, and this recipe text"):
        stages.train(tiny_text(from_run(rows_run)), tmp_path / "text")


def test_no_such_run(tiny_text: MakeRecipe, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: this is not a run directory"):
        stages.train(tiny_text(from_run(tmp_path / "nowhere")), tmp_path / "run")
    assert not (tmp_path / "run").exists(), "it is said before anything is prepared"
