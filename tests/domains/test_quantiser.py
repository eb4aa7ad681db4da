"""The vector quantiser: what it promises of tokens, how its codes move, and that it learns."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from seqgan_toolkit.build.cells import cell_maker
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.domains.quantiser import Quantiser, QuantiserSpec, fit_quantiser, write_tokens
from seqgan_toolkit.domains.quantiser.fitting import COMMITMENT, DECAY, MovingCodes, fitting_loss
from seqgan_toolkit.domains.quantiser.network import FIRST_CODE
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.likelihood import held_out_nll
from seqgan_toolkit.metrics.text.tokens import TokenPanel
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sequences import END, PAD, FrameSpace, SequenceBatch
from seqgan_toolkit.training.teacher_forcing import TokenTeacher

SPEC = QuantiserSpec(num_codes=7, frames_per_token=3, code_dim=4, hidden_dim=8)


@pytest.fixture
def quantiser() -> Quantiser:
    torch.manual_seed(5)
    made = Quantiser(SPEC, FrameSpace(2))
    made.codes.normal_(std=0.5)
    return made.eval().requires_grad_(False)


@pytest.fixture
def frames() -> SequenceBatch:
    torch.manual_seed(6)
    lengths = torch.tensor([10, 3, 7])
    values = torch.rand(3, 10, 2) * 2 - 1
    values[torch.arange(10) >= lengths[:, None]] = -1.0
    return SequenceBatch(values, lengths, torch.tensor([1, 0, 1]))


def test_tokens_are_closed_by_the_end_and_padded(quantiser: Quantiser, frames: SequenceBatch) -> None:
    tokens = quantiser.encode(frames)
    assert tokens.lengths.tolist() == [5, 2, 4]
    assert tokens.labels is frames.labels
    ends = tokens.lengths - 1
    assert tokens.values.gather(1, ends[:, None]).flatten().tolist() == [END] * 3
    assert (tokens.values[~tokens.mask] == PAD).all()
    before = torch.arange(tokens.num_steps) < ends[:, None]
    assert (tokens.values[before] >= FIRST_CODE).all()
    assert int(tokens.values.max()) < quantiser.space.size == FIRST_CODE + 7


def test_a_sequence_does_not_hang_on_its_neighbours(quantiser: Quantiser, frames: SequenceBatch) -> None:
    tokens, decoded = quantiser.encode(frames), quantiser.decode(quantiser.encode(frames))
    for row, length in enumerate(frames.lengths.tolist()):
        alone = SequenceBatch(frames.values[row : row + 1, :length], frames.lengths[row : row + 1])
        own = quantiser.encode(alone)
        assert own.values[0].tolist() == tokens.values[row, : tokens.lengths[row]].tolist()
        back = quantiser.decode(own)
        torch.testing.assert_close(back.values[0], decoded.values[row, : decoded.lengths[row]])


def test_the_frames_behind_tokens(quantiser: Quantiser, frames: SequenceBatch) -> None:
    decoded = quantiser.decode(quantiser.encode(frames))
    assert decoded.lengths.tolist() == [12, 3, 9]
    assert decoded.values.min() >= -1
    assert decoded.values.max() <= 1
    assert (decoded.values[~decoded.mask] == -1).all()


def test_a_sequence_without_a_code_is_a_token_of_silence(quantiser: Quantiser) -> None:
    ended_at_once = SequenceBatch(torch.tensor([[END, PAD], [FIRST_CODE, FIRST_CODE + 1]]), torch.tensor([1, 2]))
    decoded = quantiser.decode(ended_at_once)
    assert decoded.lengths.tolist() == [3, 6]
    assert (decoded.values[0] == -1).all()


def test_state_is_plain_and_exact(quantiser: Quantiser, frames: SequenceBatch) -> None:
    again = Quantiser.from_state(json.loads(json.dumps(quantiser.state())))
    for name, weights in quantiser.state_dict().items():
        assert torch.equal(again.state_dict()[name], weights), name
    assert torch.equal(again.decode(again.encode(frames)).values, quantiser.decode(quantiser.encode(frames)).values)


def test_a_code_is_the_moving_average_of_what_it_stood_for() -> None:
    codes = torch.zeros(2, 1)
    moving = MovingCodes(codes, Draws(1, "codes"))
    moving.begin(torch.ones(4, 1))
    assert codes.flatten().tolist() == [1.0, 1.0]
    moving.follow(torch.tensor([[3.0], [5.0], [1.0]]), torch.tensor([0, 0, 1]))
    # Each began as if it had stood for two ones.
    expected = (DECAY * 2 * 1 + (1 - DECAY) * 8) / (DECAY * 2 + (1 - DECAY) * 2)
    assert codes[0].item() == pytest.approx(expected)
    assert codes[1].item() == pytest.approx(1.0)


def test_a_dead_code_starts_again_on_data() -> None:
    codes = torch.zeros(2, 1)
    moving = MovingCodes(codes, Draws(1, "codes"))
    moving.begin(torch.tensor([[0.0]]))
    for _ in range(400):  # 0.99^400 is below the share of the dead
        moving.follow(torch.tensor([[4.0], [4.0]]), torch.tensor([0, 0]))
    assert codes.flatten().tolist() == pytest.approx([4.0, 4.0], abs=0.1)


def test_the_gradient_passes_straight_through_the_code(frames: SequenceBatch) -> None:
    torch.manual_seed(5)
    quantiser = Quantiser(SPEC, FrameSpace(2))
    moving = MovingCodes(quantiser.codes, Draws(1, "codes"))
    patches, mask = quantiser.patches(frames)
    encoded = quantiser.encoder(patches, mask)
    moving.begin(encoded[mask].detach())
    codes = quantiser.codes[quantiser.nearest(encoded)].detach()
    at_the_code = codes.clone().requires_grad_()
    error = (quantiser.decoder(at_the_code, mask) - patches)[mask]
    (error.abs().mean() + error.square().mean()).backward()
    assert at_the_code.grad is not None
    pull = torch.where(mask[..., None], 2 * COMMITMENT * (encoded - codes).detach(), 0) / encoded[mask].numel()
    encoded.backward(at_the_code.grad + pull)
    expected = [parameter.grad.clone() for parameter in quantiser.encoder.parameters() if parameter.grad is not None]
    quantiser.zero_grad()
    fitting_loss(quantiser, moving, frames).backward()
    for parameter, wanted in zip(quantiser.encoder.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, wanted, rtol=1e-4, atol=1e-6)


PATTERNS = np.random.default_rng(1).uniform(-0.9, 0.9, (6, 2, 3)).astype(np.float32)
"""Six pairs of frames, which follow each other in a circle."""


@pytest.fixture(scope="module")
def melody(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Tokens of sequences whose truth is known: pairs of frames in a fixed order, with a little noise."""
    folder = tmp_path_factory.mktemp("melody")
    rng = np.random.default_rng(2)
    with CorpusWriter(folder / "frames", FrameSpace(3)) as writer:
        for split, count in (("train", 200), ("valid", 40), ("test", 60)):
            for _ in range(count):
                order = (rng.integers(6) + np.arange(rng.integers(4, 9))) % 6
                clean = PATTERNS[order].reshape(-1, 3)
                writer.add(split, clean + 0.01 * rng.standard_normal(clean.shape, np.float32))
        frames = writer.close(domain={})
    spec = QuantiserSpec(num_codes=12, frames_per_token=2, code_dim=4, hidden_dim=16, steps=400, batch_size=32, lr=3e-3)
    quantiser = fit_quantiser(frames.splits["train"], spec, seed=0)
    with CorpusWriter(folder / "tokens", quantiser.space) as writer:
        notes = write_tokens(frames, quantiser, writer)
        return writer.close(domain=quantiser.state(), notes=notes)


def test_a_quantiser_learns(melody: Corpus) -> None:
    about = melody.notes
    assert about["measured_on"] == "valid"
    assert about["rms_error"] < 0.2 * about["rms_spread"]
    assert about["codes_used"] >= 0.5
    assert about["code_perplexity"] >= 5


def test_every_split_is_written(melody: Corpus) -> None:
    frames = Corpus(melody.directory.parent / "frames")
    quantiser = Quantiser.from_state(melody.domain_state)
    for split, store in frames.splits.items():
        expected = quantiser.encode(store.head(len(store)))
        assert torch.equal(melody.splits[split].head(len(store)).values, expected.values)


def test_the_seed_alone_decides(melody: Corpus) -> None:
    store = Corpus(melody.directory.parent / "frames").splits["train"]
    spec = QuantiserSpec(num_codes=5, code_dim=3, hidden_dim=4, steps=3)
    states = []
    for surroundings, seed in ((1, 0), (2, 0), (3, 1)):
        torch.manual_seed(surroundings)
        states.append(fit_quantiser(store, spec, seed=seed).state()["weights"])
    assert states[0] == states[1] != states[2]


def test_teacher_forcing_learns_what_follows_what(melody: Corpus) -> None:
    torch.manual_seed(3)
    space, train = melody.space, melody.splits["train"]
    sizes = {"embedding_dim": 8, "noise_dim": 0, "step_noise_dim": 0, "label_dim": 2, "dropout": 0.0}
    generator = TokenGenerator(space, num_labels=0, cell=cell_maker("lstm", hidden_dim=24), **sizes)
    teacher = TokenTeacher(generator, float(train.lengths.mean()))
    optimizer, draws = torch.optim.Adam(generator.parameters(), lr=1e-2), Draws(0, "noise")
    for _ in range(60):
        loss = teacher.loss(train.batch(np.arange(200)), draws, 0.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    nll = held_out_nll(generator.eval(), melody.splits["test"], draws)
    panel = TokenPanel(melody)
    assert float(nll.sum() / melody.splits["test"].lengths.sum()) < 0.6 * panel.unigram
