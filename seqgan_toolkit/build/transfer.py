"""Transfer learning: a generator that starts from the weights of one that other data taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.domains.text.domain import TextDomain
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.labels import Factors
from seqgan_toolkit.models.frame_generator import FrameGenerator

Rows = tuple[torch.Tensor, ...]
"""Rows of a parameter here and the rows there whose values they take."""


@dataclass(frozen=True)
class Taught:
    """A generator and what it knows of the data that taught it, or will."""

    generator: nn.Module
    facts: DataFacts
    domain: Domain


@torch.no_grad()
def transfer(target: Taught, source: Taught, name: str) -> None:
    """Give `target` the weights of `source`.

    Rows that stand for a word, a character, a label or a position are taken where both have it; the others keep their
    first values. Buffers, such as the lengths of the data, are the target's own.

    Args:
        target: the generator that starts.
        source: the generator that was trained.
        name: what messages call the source.

    Raises:
        UserError: their data are not made of the same things, or their networks have other shapes.
    """
    _check_domains(target.domain, source.domain, name)
    chosen = _rows(target, source)
    mine = dict(target.generator.named_parameters(remove_duplicate=False))
    theirs = dict(source.generator.named_parameters(remove_duplicate=False))
    mismatches = [
        f"{key} is {_shape(theirs.get(key))} there and {_shape(mine.get(key))} here"
        for key in dict.fromkeys([*mine, *theirs])
        if _shape(mine.get(key), key in chosen) != _shape(theirs.get(key), key in chosen)
    ]
    if mismatches:
        raise UserError(
            f"init_from: the generator of {name} has another shape ({mismatches[0]}): give 'generator' the settings of "
            "that run's recipe.yaml, dropout aside"
        )
    for key, parameter in mine.items():
        here, there = chosen.get(key, (..., ...))
        parameter[here] = theirs[key].to(parameter.device)[there]


def _shape(parameter: nn.Parameter | None, by_row: bool = False) -> list[int] | str:
    return "absent" if parameter is None else list(parameter.shape)[int(by_row) :]


def _rows(target: Taught, source: Taught) -> dict[str, Rows]:
    """Return the rows of every parameter that has one for each token, label or position."""
    labels = _shared(target.facts.label_names, source.facts.label_names)
    values = _shared(_values(target.facts.factors), _values(source.facts.factors))
    tables = {"label.table.weight": labels, "label.table.values.weight": values}
    names = [name for name, _ in target.generator.named_parameters()]
    rows = {name: chosen for ending, chosen in tables.items() for name in names if name.endswith(ending)}
    if isinstance(target.generator, FrameGenerator) and isinstance(source.generator, FrameGenerator):
        here, there = (generator.max_steps for generator in (target.generator, source.generator))
        rows["position.weight"] = _shared(range(here), range(there))
    if isinstance(target.domain, TextDomain) and isinstance(source.domain, TextDomain):
        tokens = _shared(target.domain.tokens, source.domain.tokens)
        rows |= dict.fromkeys(("embedding.weight", "features.embedding.weight", "head.weight", "head.bias"), tokens)
    return rows


def _values(factors: Factors) -> list[tuple[str, str]]:
    """Return what stands behind every row of a `FactoredEmbedding`."""
    return [(name, value) for name, values in zip(factors.names, factors.values, strict=True) for value in values]


def _shared(here: Sequence[Any], there: Sequence[Any]) -> Rows:
    places = {item: index for index, item in enumerate(there)}
    pairs = [(index, places[item]) for index, item in enumerate(here) if item in places]
    return tuple(torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1))


def _check_domains(here: Domain, there: Domain, name: str) -> None:
    if here.kind != there.kind:
        raise UserError(f"init_from: {name} makes {there.kind}, and this recipe {here.kind}")
    mine, theirs = _made_of(here), _made_of(there)
    if mine == theirs:
        return
    differing = [key for key in mine if mine[key] != theirs.get(key)]
    found = "; ".join(f"{key}: {_brief(theirs.get(key))} there and {_brief(mine[key])} here" for key in differing)
    raise UserError(
        f"init_from: the sequences of {name} are not made of the same things ({found}). Sub-words and frames can only "
        "go on from a run whose 'data' were prepared alike; words and characters are matched by their text"
    )


def _made_of(domain: Domain) -> dict[str, Any]:
    """Return what must be equal for a weight to mean the same."""
    state = domain.state()
    if isinstance(domain, TextDomain):
        tokenizer: dict[str, Any] = state["tokenizer"]
        return {"tokenizer": tokenizer["kind"], **({"model": tokenizer["model"]} if "model" in tokenizer else {})}
    return {**state.get("spec", state), "quantiser": state.get("quantiser")}


def _brief(value: Any) -> str:
    return str(value) if len(str(value)) <= 20 else "another one"
