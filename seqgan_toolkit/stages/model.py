"""A trained model, as it lies in a run directory: rebuilt from its checkpoint and the recipe alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from seqgan_toolkit.build.backward import load_backward
from seqgan_toolkit.build.data import not_as_prepared
from seqgan_toolkit.build.discriminators import make_discriminator
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.generators import make_sampler
from seqgan_toolkit.build.residual import Tilt, load_tilt
from seqgan_toolkit.build.workshop import choose_device
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json
from seqgan_toolkit.labels import matching, spread
from seqgan_toolkit.models.discriminator import Discriminator
from seqgan_toolkit.models.vocoder import Vocoder
from seqgan_toolkit.recipe.differences import NAMED_DIFFERENCES, different_values
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.sampling.base import Sampler, sample_many
from seqgan_toolkit.sampling.copies import CopySampler
from seqgan_toolkit.sampling.strategies import PLAIN, Strategy
from seqgan_toolkit.sequences import SequenceBatch
from seqgan_toolkit.stages.decoder import domain_of, held_out, read_network
from seqgan_toolkit.stages.directory import DISCRIMINATORS, MODELS, TILTED, RunDirectory
from seqgan_toolkit.training.checkpoints import load


@dataclass(frozen=True)
class TrainedModel:
    """A generator with everything that turns its sequences into artefacts.

    Attributes:
        generator: the moving average of the trained weights, in evaluation mode.
        sampler: runs it freely.
        facts: what it knows of the data.
        domain: turns sequences into artefacts.
        checkpoint: the name of the file it came from.
        device: where it runs.
        tilt: what tilts the generator's distribution, for a residual model.
    """

    generator: nn.Module
    sampler: Sampler
    facts: DataFacts
    domain: Domain
    checkpoint: str
    device: torch.device
    tilt: Tilt | None = None

    def sample(
        self,
        num: int,
        *,
        seed: int,
        strategy: Strategy = PLAIN,
        labels: torch.Tensor | None = None,
        at_once: int = 512,
    ) -> SequenceBatch:
        """Draw `num` sequences; the same seed gives the same ones. All labels come in turn where none are given."""
        if labels is None and self.facts.num_labels:
            labels = torch.tensor(spread(num, self.facts.num_labels))
        draws = Draws(seed, "sampling", device=self.device)
        return sample_many(self.sampler, self.facts.space, labels, num, draws, strategy, chunk=at_once)

    def as_written(self, batch: SequenceBatch) -> SequenceBatch:
        """Return what is measured of sequences: images rounded to the shades of their files, all else as it is.

        An image's black is one value, and the values that a network makes of it are many, which a forest tells apart.
        What writing does to series and to sound is up to their own metrics.
        """
        return self.domain.as_written(batch) if isinstance(self.domain, RowsDomain) else batch

    def captions(self, batch: SequenceBatch) -> list[str]:
        """Return the name of the label of each sequence; nothing where they have none."""
        return [] if batch.labels is None else [self.facts.label_names[label] for label in batch.labels.tolist()]

    def labels_as_in_data(self, num: int, *, seed: int) -> torch.Tensor | None:
        """Draw labels, int64 [num], as often as the data have them; None without labels."""
        shares = self.facts.shares()
        return None if shares is None else Draws(seed, "labels").labels(num, shares)

    def labels(self, name: str) -> list[int]:
        """Return the labels of a name, or of all names that agree with the factors it gives, as `digit=7`.

        Raises:
            UserError: the model has no such label.
        """
        if not self.facts.num_labels:
            raise UserError("this model was trained without labels, so --label has no meaning for it")
        return matching(self.facts.label_names, name)


def models_of(directory: RunDirectory) -> list[str]:
    """Return the finished models of a run, in the order in which they were made."""
    return [model for model in MODELS if directory.phase_checkpoint(model).is_file()]


def load_model(directory: RunDirectory, model: str | None) -> TrainedModel:
    """Load a model of a run.

    Args:
        directory: the run.
        model: one of `MODELS`; the last one that is finished when None, and where none is, the newest checkpoint of
            the training that is under way.

    Raises:
        UserError: there is no such model.
    """
    recipe = directory.recipe()
    device = choose_device(recipe.device)
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    return read_model(directory, model, device)


def read_model(directory: RunDirectory, model: str | None, device: torch.device) -> TrainedModel:
    """Load a model of a run onto a device that its recipe need not name; see `load_model`."""
    recipe = directory.recipe()
    finished = models_of(directory)
    if model is not None and model not in finished:
        raise UserError(f"{directory.path} has no finished model '{model}'; it has {', '.join(finished) or 'none'}")
    name = model or (finished[-1] if finished else None)
    path = directory.phase_checkpoint(name) if name else _under_way(directory)
    state = load(path)
    _check_made_alike(directory, recipe, state["domain"], path.name)
    facts = DataFacts.from_state(state["facts"])
    if name == "backward":
        generator: nn.Module = load_backward(recipe, facts, state, device)
    else:
        generator = read_network(recipe, state, device)
    sampler = sampler_of(generator, facts, directory)
    tilt = None
    if name in TILTED:
        tilt = load_tilt(recipe, facts, state["parts"]["residual.best"], generator, sampler, device)
        sampler = tilt.sampler
    return TrainedModel(
        generator=generator,
        sampler=sampler,
        facts=facts,
        domain=domain_of(recipe, state["domain"], generator, directory, device),
        checkpoint=path.name,
        device=device,
        tilt=tilt,
    )


def _check_made_alike(directory: RunDirectory, recipe: Recipe, domain: dict[str, Any], checkpoint: str) -> None:
    """Refuse a checkpoint whose sequences mean something else than those of the recipe or of the corpus beside it."""
    found = not_as_prepared(recipe.data, domain)
    if found:
        raise UserError(
            f"{directory.path}: its recipe.yaml is not the one that {checkpoint} was trained by "
            f"({'; '.join(found)}): put the recipe back, or train in another run directory"
        )
    if Corpus.exists(directory.corpus):
        found = different_values(read_json(directory.corpus / "corpus.json")["domain"], domain)
        if found:
            raise UserError(
                f"{directory.path}: its corpus is not the one that {checkpoint} was trained on "
                f"({'; '.join(found[:NAMED_DIFFERENCES])}): put that corpus back, or train in another run directory"
            )


def sampler_of(generator: nn.Module, facts: DataFacts, directory: RunDirectory) -> Sampler:
    """Return what runs a generator freely; a vocoder is run on the held-out clips of the run's corpus.

    Raises:
        UserError: the generator is none of the kinds that the engines know, or a vocoder's corpus is missing.
    """
    if not isinstance(generator, Vocoder):
        return make_sampler(generator, facts.max_length)
    return CopySampler(held_out(directory), generator.space.low)


def load_discriminator(directory: RunDirectory, trained: TrainedModel) -> Discriminator:
    """Load the discriminator of a run as its last finished phase left it, in evaluation mode, where `trained` is.

    Raises:
        UserError: no finished phase of the run has trained one, or it judges several sequences as one.
    """
    recipe = directory.recipe()
    paths = [path for phase in DISCRIMINATORS if (path := directory.checkpoints / f"{phase}.pt").is_file()]
    if recipe.discriminator is None or recipe.adversarial is None or not paths:
        raise UserError(
            f"{directory.path} has no trained discriminator, which --reject needs: finish a training with an "
            "'adversarial' section, or leave --reject out"
        )
    if recipe.discriminator.packing > 1:
        raise UserError(
            f"{directory.path}: its discriminator judges packs of {recipe.discriminator.packing} and has no score for "
            "one sequence, which --reject needs: leave --reject out"
        )
    discriminator = make_discriminator(recipe.discriminator, trained.facts, recipe.seed, recipe.adversarial.max_shift)
    discriminator.load_state_dict(load(paths[0])["parts"]["discriminator"])
    return discriminator.to(trained.device).eval().requires_grad_(False)


def _under_way(directory: RunDirectory) -> Path:
    """Return the newest checkpoint of the training that is under way."""
    steps = sorted(directory.checkpoints.glob("step-*.pt"))
    if not steps:
        raise UserError(f"{directory.path}: nothing is trained yet: seqgan-toolkit train RECIPE --out {directory.path}")
    return steps[-1]
