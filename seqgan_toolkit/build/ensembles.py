"""Ensembles of generators that other runs have trained, from a recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.recipe.loading import load_recipe
from seqgan_toolkit.training.checkpoints import load

MakeMember = Callable[[schema.GeneratorConfig, DataFacts, int], nn.Module]


def make_ensemble(config: schema.Ensemble, make_member: MakeMember) -> EnsembleGenerator:
    """Load the members of an ensemble and put them together.

    Args:
        config: which runs, and how they are averaged.
        make_member: builds one generator, from its recipe, the facts of its data and its seed.

    Raises:
        UserError: a run is missing or unfinished, makes no tokens, or has another vocabulary.
    """
    members = [_load_member(Path(run), config.phase, make_member) for run in config.runs]
    try:
        return EnsembleGenerator(members, average=config.average, sharpness=config.sharpness)
    except ValueError as error:
        raise UserError(f"generator.runs: {error}") from error


def check_members(config: schema.Ensemble, corpus: Corpus) -> None:
    """Refuse members whose words are not those of `corpus`.

    Raises:
        UserError: with the run and what to do.
    """
    for run in config.runs:
        if _checkpoint(Path(run), config.phase)["domain"] != corpus.domain_state:
            raise UserError(
                f"generator.runs: {run} was trained on other data or another vocabulary: give the same 'data' section"
            )


def _load_member(run: Path, phase: str, make_member: MakeMember) -> TokenGenerator:
    state = _checkpoint(run, phase)
    recipe = load_recipe(run / "recipe.yaml")
    member = make_member(recipe.generator, DataFacts.from_state(state["facts"]), recipe.seed)
    if not isinstance(member, TokenGenerator):
        raise UserError(f"generator.runs: {run} has no generator of kind 'tokens', which an ensemble is made of")
    member.load_state_dict(state["parts"]["average"]["weights"])
    return member


def _checkpoint(run: Path, phase: str) -> dict[str, Any]:
    path = run / "checkpoints" / f"{phase}.pt"
    if not path.is_file():
        raise UserError(f"generator.runs: {run} is no run that has finished '{phase}' (there is no {path})")
    return load(path)
