from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.ensemble import EnsembleGenerator
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import SequenceBatch

Make = Callable[..., TokenGenerator]
BATCH = SequenceBatch(torch.tensor([[3, 4, 2], [4, 2, 0]]), torch.tensor([3, 2]))
INPUTS = torch.tensor([[1, 3, 4], [1, 4, 2]])


def logits(generator: TokenGenerator | EnsembleGenerator) -> torch.Tensor:
    made: torch.Tensor = generator(BATCH, INPUTS, Draws(1, "noise"))
    return made


@pytest.mark.parametrize("average", ["logits", "probabilities"])
def test_an_ensemble_of_one_is_its_member(token_generator: Make, average: str) -> None:
    member = token_generator()
    alone = EnsembleGenerator([member], average=average, sharpness=1.0)
    torch.testing.assert_close(logits(alone).softmax(-1), logits(member).softmax(-1))


def test_probabilities_are_a_mixture_and_logits_a_geometric_mean(token_generator: Make) -> None:
    members = [token_generator(scale=scale) for scale in (1.0, 2.0, 3.0)]
    shares = [logits(member).softmax(-1) for member in members]
    mixture = EnsembleGenerator(members, average="probabilities", sharpness=1.0)
    torch.testing.assert_close(logits(mixture).exp(), sum(shares) / 3)
    product = (shares[0] * shares[1] * shares[2]).pow(1.5 / 3)
    sharpened = EnsembleGenerator(members, average="logits", sharpness=1.5)
    torch.testing.assert_close(logits(sharpened).softmax(-1), product / product.sum(-1, keepdim=True))


def test_members_of_two_vocabularies_are_refused(token_generator: Make) -> None:
    with pytest.raises(ValueError, match="one vocabulary"):
        EnsembleGenerator([token_generator(5), token_generator(6)], average="logits", sharpness=1.0)
