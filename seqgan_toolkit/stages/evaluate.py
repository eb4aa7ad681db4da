"""What a run's models are worth: every metric, beside the same figure of real data, of copies and of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.build.panels import Panel, make_panels, measure
from seqgan_toolkit.build.trained_panels import make_trained_panels
from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.named import cache_directory
from seqgan_toolkit.data.source import HeldOut
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json, write_json
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.real_data import reference_split, whole
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.metrics.text.residual import residual_measurements, residual_nll
from seqgan_toolkit.models.likelihood import LanguageModel
from seqgan_toolkit.recipe.schema import Evaluation, Recipe
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.stages.attack import attack_figures
from seqgan_toolkit.stages.copy_synthesis import copy_figures
from seqgan_toolkit.stages.curve import write_curve
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.inversion import inversion_figures
from seqgan_toolkit.stages.model import TrainedModel, load_model, models_of
from seqgan_toolkit.stages.references import EVALUATION_SEED, reference_samples
from seqgan_toolkit.stages.trained_figures import trained_figures, trained_references

Measured = dict[str, Measurement]

FEW_HELD_OUT = 100
"""Held-out sequences below which figures against them say little."""


def evaluate(
    run_dir: Path,
    *,
    num: int | None = None,
    curve: bool | None = None,
    language_model: bool | None = None,
    train_on_synthetic: bool | None = None,
    split: HeldOut = "test",
) -> dict[str, Any]:
    """Measure the finished models of a run and write `evaluation.json`, or `evaluation-valid.json` for that split.

    Figures of more samples of the same models stay: those of fewer are written beside them, to `evaluation-NUM.json`.

    Args:
        run_dir: the run directory.
        num: how many sequences to generate and score; what the recipe says when None, here and below.
        curve: text: measure at every temperature of the recipe too, and write `curve.json` and `curve.png`.
        language_model: text: train language models to measure with.
        train_on_synthetic: frames: train networks on generated sequences and test them on real ones.
        split: what is measured against. With `valid` nothing is read from the test split, so that settings can be
            chosen by the figures.

    Returns:
        `{"split", "num_samples", "models": {name: {metric: measurement}}, "references": {metric: {"real", "noise",
        "training_copy"}}}`, and with a curve `"curve"`, its areas and comparisons. The models of a vocoder's run are
        it and Griffin-Lim, without references.

    Raises:
        UserError: it is not a run directory, nothing is trained yet, or what was asked for does not suit the data.
    """
    directory = RunDirectory(run_dir)
    recipe = directory.recipe()
    models = models_of(directory)
    if not models:
        raise UserError(f"{run_dir}: no phase of training is finished, so there is nothing to evaluate")
    if not Corpus.exists(directory.corpus):
        raise UserError(f"{run_dir}: the corpus is missing: seqgan-toolkit prepare with the same recipe and --out")
    wanted = _wanted(
        recipe, run_dir, num=num, curve=curve, language_model=language_model, train_on_synthetic=train_on_synthetic
    )
    corpus = _judging_by(split, Corpus(directory.corpus), run_dir)
    trained = {name: load_model(directory, name) for name in models}
    beside = _beside(directory, models, recipe, split, wanted.num_samples)
    num_held_out = len(corpus.splits[split])
    if num_held_out < FEW_HELD_OUT:
        say(f"warning: the {split} split has {num_held_out} sequences, and figures against so few are mostly chance")
    if recipe.vocoder is not None:
        result = _as_json(copy_figures(trained["vocoder"], corpus, wanted.num_samples), {}, split, wanted.num_samples)
        write_json(directory.evaluation(split, beside), result)
        return result
    domain = next(iter(trained.values())).domain
    cache, count = cache_directory(), wanted.num_samples
    panels = make_panels(recipe, corpus, domain, cache, language_model=wanted.language_model)
    training_panels = make_trained_panels(recipe.data, corpus, cache, wanted) if wanted.train_on_synthetic else []
    say(f"evaluating {', '.join(models)} on {count} samples, against the {num_held_out} of the {split} split")
    measured = {name: _measure_model(model, corpus, panels, count) for name, model in trained.items()}
    if not recipe.data.makes_tokens and recipe.adversarial is not None and "adversarial" in trained:
        measured["adversarial"] |= attack_figures(directory, trained["adversarial"], corpus)
    measured = {name: figures | inversion_figures(trained[name], corpus) for name, figures in measured.items()}
    references = {name: measure(panels, sample) for name, sample in reference_samples(corpus, domain, count)}
    if training_panels:
        num_training = wanted.synthetic_samples or len(corpus.splits["train"])
        measured = _joined(measured, trained_figures(training_panels, trained, corpus, num_training))
        # The references may take many times as long: what is measured by now is not lost with them.
        write_json(directory.evaluation(split, beside), _as_json(measured, references, split, count))
        references = _joined(references, trained_references(training_panels, corpus, num_training, cache))
    result = _as_json(measured, references, split, count)
    # Nor with the curve.
    write_json(directory.evaluation(split, beside), result)
    if wanted.curve:

        def measure_at(name: str, temperature: float) -> Measured:
            known = measured[name] if temperature == 1 else None
            return known or _measure_model(trained[name], corpus, panels, count, temperature)

        result["curve"] = write_curve(directory, measure_at, models, wanted.temperatures, references, split, beside)
        write_json(directory.evaluation(split, beside), result)
    return result


def _beside(directory: RunDirectory, models: list[str], recipe: Recipe, split: HeldOut, num: int) -> int | None:
    """Return what names the file of figures of `num` samples where those of more stay, and say so; None elsewhere."""
    usual = directory.evaluation(split)
    checkpoints = [directory.phase_checkpoint(model) for model in models]
    if not usual.is_file() or any(file.stat().st_mtime > usual.stat().st_mtime for file in checkpoints):
        return None
    earlier = read_json(usual).get("num_samples", recipe.evaluation.num_samples)
    if num >= earlier:
        return None
    say(
        f"{usual} has figures of {earlier} samples and stays as it is: "
        f"those of {num} go to {directory.evaluation(split, num).name}"
    )
    return num


def _judging_by(split: HeldOut, corpus: Corpus, run_dir: Path) -> Corpus:
    """Return a corpus whose held-out sequences (`reference_split`) are those of a split.

    Raises:
        UserError: the split has too few sequences.
    """
    judging = corpus if split == "test" else corpus.without("test")
    if reference_split(judging) != split:
        raise UserError(
            f"{run_dir}: there is no {split} split to measure against (it has {len(corpus.splits[split])} sequence(s), "
            f"and needs 2): prepare a run with a higher data.{split}_share"
        )
    return judging


def _wanted(recipe: Recipe, run_dir: Path, *, num: int | None, **flags: bool | None) -> Evaluation:
    """Return what the recipe asks for and what was asked for in its place, if it suits the data.

    Raises:
        UserError: it does not.
    """
    chosen: dict[str, Any] = {"num_samples": num, **flags}
    given = {key: value for key, value in chosen.items() if value is not None}
    wanted = recipe.evaluation.model_copy(update=given)
    problem = wanted.misplaced(recipe.data)
    if problem:
        raise UserError(f"{run_dir}: {problem}")
    return wanted


def _measure_model(
    model: TrainedModel, corpus: Corpus, panels: list[Panel], count: int, temperature: float = 1.0
) -> Measured:
    labels = model.labels_as_in_data(count, seed=EVALUATION_SEED)
    drawn = model.sample(count, seed=EVALUATION_SEED, strategy=Strategy(temperature=temperature), labels=labels)
    batch = model.as_written(drawn)
    nll, about = held_out_likelihood(model, corpus, temperature)
    return {**measure(panels, Sample(batch, model.domain.decode(batch), nll)), **about}


def held_out_likelihood(
    model: TrainedModel, corpus: Corpus, temperature: float
) -> tuple[torch.Tensor | None, Measured]:
    """Return nats for each held-out sequence, or None without a likelihood, and what there is to say of them."""
    if not isinstance(model.generator, LanguageModel):
        return None, {}
    held_out = corpus.splits[reference_split(corpus)]
    draws = Draws(EVALUATION_SEED, "likelihood", device=model.device)
    nll = held_out_nll(model.generator, held_out, draws, temperature=temperature)
    if model.tilt is None:
        return nll, {}
    tilts = model.tilt.energy(whole(held_out)).cpu()
    partition = model.tilt.partition(EVALUATION_SEED, Strategy(temperature=temperature))
    return residual_nll(nll, tilts, partition), residual_measurements(tilts, partition)


def _joined(one: dict[str, Measured], other: dict[str, Measured]) -> dict[str, Measured]:
    return {name: figures | other[name] for name, figures in one.items()}


def _as_json(
    models: dict[str, Measured], references: dict[str, Measured], split: HeldOut, num_samples: int
) -> dict[str, Any]:
    names = dict.fromkeys(name for measured in references.values() for name in measured)
    return {
        "split": split,
        "num_samples": num_samples,
        "models": {
            model: {name: measurement.as_dict() for name, measurement in measured.items()}
            for model, measured in models.items()
        },
        "references": {
            name: {kind: measured[name].value if name in measured else None for kind, measured in references.items()}
            for name in names
        },
    }
