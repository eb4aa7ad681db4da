"""Phases of a recipe on a corpus that a test has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.recipe.schema import Recipe


@pytest.fixture
def built() -> Callable[[Recipe, Corpus], tuple[dict[str, Any], Any]]:
    """Build the phases of a recipe, by name, and the moving average of its generator."""
    import torch

    from seqgan_toolkit.build.facts import DataFacts
    from seqgan_toolkit.build.phases import make_state
    from seqgan_toolkit.build.workshop import Workshop
    from seqgan_toolkit.training.distribution import Ranks

    def build(recipe: Recipe, corpus: Corpus) -> tuple[dict[str, Any], Any]:
        state, average = make_state(Workshop(recipe, corpus, DataFacts.of(corpus), torch.device("cpu"), Ranks()))
        return {phase.name: phase for phase in state.phases}, average

    return build
