"""What a run's models are worth: every metric, beside the same figure of real data, of copies and of noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqgan_toolkit.build.panels import Panel, make_panels
from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.named import cache_directory
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import write_json
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.likelihood import held_out_nll
from seqgan_toolkit.metrics.residual import residual_measurements, residual_nll
from seqgan_toolkit.metrics.sample import Sample
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.strategies import Strategy
from seqgan_toolkit.sequences import NO_END, FrameSpace, SequenceBatch, TokenSpace
from seqgan_toolkit.stages.curve import write_curve
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, load_model, models_of

Measured = dict[str, Measurement]
EVALUATION_SEED = 12_345
"""Of the samples that are measured, the same for every run."""


def evaluate(
    run_dir: Path, *, num: int | None = None, curve: bool | None = None, language_model: bool | None = None
) -> dict[str, Any]:
    """Measure the finished models of a run and write `evaluation.json`.

    Args:
        run_dir: the run directory.
        num: how many sequences to generate and score; what the recipe says when None, here and below.
        curve: text: measure at every temperature of the recipe too, and write `curve.json` and `curve.png`.
        language_model: text: train language models to measure with.

    Returns:
        `{"models": {name: {metric: measurement}}, "references": {metric: {"real", "noise", "training_copy"}}}`, and
        with a curve `"curve"`, its areas and comparisons.

    Raises:
        UserError: it is not a run directory, nothing is trained yet, or a curve of what is no text was asked for.
    """
    directory = RunDirectory(run_dir)
    recipe = directory.recipe()
    models = models_of(directory)
    if not models:
        raise UserError(f"{run_dir}: no phase of training is finished, so there is nothing to evaluate")
    if not Corpus.exists(directory.corpus):
        raise UserError(f"{run_dir}: the corpus is missing: seqgan-toolkit prepare with the same recipe and --out")
    wanted = recipe.evaluation
    curve = wanted.curve if curve is None else curve
    language_model = wanted.language_model if language_model is None else language_model
    if recipe.data.kind != "text" and (curve or language_model):
        raise UserError(f"{run_dir}: a curve and language models are for text, and this run makes {recipe.data.kind}")
    corpus = Corpus(directory.corpus)
    if not len(corpus.splits["test"]):
        raise UserError(f"{run_dir}: there is no test split to measure against: set data.test_share above 0")
    trained = {name: load_model(directory, name) for name in models}
    domain = next(iter(trained.values())).domain
    panels = make_panels(recipe.data, corpus, domain, cache_directory(), language_model=language_model)
    count = wanted.num_samples if num is None else num
    say(f"evaluating {', '.join(models)} on {count} samples")
    measured = {name: _measure_model(model, corpus, panels, count) for name, model in trained.items()}
    references = {
        name: _measure(panels, Sample(batch, domain.decode(batch), None))
        for name, batch in _reference_batches(corpus, count).items()
    }
    result = _as_json(measured, references)
    if curve:

        def measure(name: str, temperature: float) -> Measured:
            known = measured[name] if temperature == 1 else None
            return known or _measure_model(trained[name], corpus, panels, count, temperature)

        result["curve"] = write_curve(directory, measure, models, wanted.temperatures, references)
    write_json(directory.evaluation, result)
    return result


def _measure(panels: list[Panel], sample: Sample) -> Measured:
    measured: Measured = {}
    for panel in panels:
        measured |= panel.measure(sample)
    return measured


def _measure_model(
    model: TrainedModel, corpus: Corpus, panels: list[Panel], count: int, temperature: float = 1.0
) -> Measured:
    labels = None
    shares = model.facts.shares()
    if shares is not None:
        # Labels as often as the data have them, so that distributions are compared like with like.
        labels = Draws(EVALUATION_SEED, "labels").labels(count, shares)
    batch = model.sample(count, seed=EVALUATION_SEED, strategy=Strategy(temperature=temperature), labels=labels)
    nll, about = held_out_likelihood(model, corpus, temperature)
    return {**_measure(panels, Sample(batch, model.domain.decode(batch), nll)), **about}


def held_out_likelihood(
    model: TrainedModel, corpus: Corpus, temperature: float
) -> tuple[torch.Tensor | None, Measured]:
    """Return nats for each test sequence, or None without a likelihood, and what there is to say of them."""
    if not isinstance(model.generator, TokenGenerator | EnsembleGenerator):
        return None, {}
    test = corpus.splits["test"]
    draws = Draws(EVALUATION_SEED, "likelihood", device=model.device)
    nll = held_out_nll(model.generator, test, draws, temperature=temperature)
    if model.tilt is None:
        return nll, {}
    tilts = model.tilt.energy(test.head(len(test))).cpu()
    partition = model.tilt.partition(EVALUATION_SEED, Strategy(temperature=temperature))
    return residual_nll(nll, tilts, partition), residual_measurements(tilts, partition)


def _reference_batches(corpus: Corpus, count: int) -> dict[str, SequenceBatch]:
    """Return what figures are read against.

    `real` is training data without repeats, which no model can beat; `training_copy` is what a model that has learnt
    nothing but its training data by heart would give, drawn with repeats; `noise` has their lengths and labels only.
    """
    train, rng = corpus.splits["train"], np.random.default_rng(EVALUATION_SEED)
    real = train.batch(rng.permutation(len(train))[:count])
    copy = train.batch(rng.integers(len(train), size=count))
    return {"real": real, "noise": _noise_like(copy, corpus), "training_copy": copy}


def _noise_like(batch: SequenceBatch, corpus: Corpus) -> SequenceBatch:
    generator, space = torch.Generator().manual_seed(EVALUATION_SEED), corpus.space
    mask = batch.mask
    if isinstance(space, TokenSpace):
        # With no end token the first word is 0, and no step is an end.
        tokens = torch.randint(space.end + 1, space.size, batch.values.shape, generator=generator)
        ends = torch.arange(batch.num_steps) == batch.lengths[:, None] - 1
        tokens = tokens if space.end == NO_END else torch.where(ends, space.end, tokens)
        values = torch.where(mask, tokens, space.pad)
    else:
        assert isinstance(space, FrameSpace)
        frames = torch.rand(batch.values.shape, generator=generator) * (space.high - space.low) + space.low
        values = torch.where(mask[..., None], frames, space.low)
    return SequenceBatch(values, batch.lengths, batch.labels)


def _as_json(models: dict[str, Measured], references: dict[str, Measured]) -> dict[str, Any]:
    names = dict.fromkeys(name for measured in references.values() for name in measured)
    return {
        "models": {
            model: {name: measurement.as_dict() for name, measurement in measured.items()}
            for model, measured in models.items()
        },
        "references": {
            name: {kind: measured[name].value if name in measured else None for kind, measured in references.items()}
            for name in names
        },
    }
