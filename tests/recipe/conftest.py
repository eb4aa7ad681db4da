"""A small recipe whose line numbers the tests know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.loading import parse_recipe
from seqgan_toolkit.recipe.overrides import Overrides

SMALL = """\
# Words by an LSTM
name: small
seed: 7
data:
  kind: text
  source: grammar
  max_length: 20
generator:
  kind: tokens
  hidden_dim: 32
discriminator:
  group_size: 4
  encoders:
    - kind: recurrent
      hidden_dim: 16
    - {kind: convolutional, widths: [2, 3]}
teacher_forcing:
  steps: 10
  optimizer: {lr: 1e-3}
adversarial:
  steps: 5
  batch_size: 8
  estimator: {kind: gumbel_softmax}
"""


@pytest.fixture
def small() -> str:
    """The recipe, named `small.yaml` in messages."""
    return SMALL


@pytest.fixture
def problems() -> Callable[..., list[str]]:
    """What is wrong with a text, line by line; nothing for a good recipe."""

    def read(text: str, overrides: Overrides = ()) -> list[str]:
        try:
            parse_recipe(text, "small.yaml", overrides)
        except UserError as error:
            return str(error).splitlines()
        return []

    return read
