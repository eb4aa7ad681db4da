from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional

from seqgan_toolkit.models.encoders import ConvolutionalEncoder, Encoder, MeanEncoder, PatchEncoder, RecurrentEncoder
from seqgan_toolkit.models.multi_representation import MultiRepresentationEncoder
from seqgan_toolkit.models.transformer_encoder import TransformerEncoder

ENCODERS: dict[str, Callable[[], Encoder]] = {
    "rnn": lambda: RecurrentEncoder(6, cell="rnn", hidden_dim=5),
    "gru": lambda: RecurrentEncoder(6, cell="gru", hidden_dim=5),
    "two lstm layers": lambda: RecurrentEncoder(6, cell="lstm", hidden_dim=5, num_layers=2),
    "one direction": lambda: RecurrentEncoder(6, cell="gru", hidden_dim=5, num_layers=2, bidirectional=False),
    "two frames a step": lambda: RecurrentEncoder(6, cell="gru", hidden_dim=5, frames_per_step=2),
    "three frames a step": lambda: RecurrentEncoder(6, cell="gru", hidden_dim=5, num_layers=2, frames_per_step=3),
    "convolutional": lambda: ConvolutionalEncoder(6, widths=(1, 2, 5), channels=4),
    "convolutional with a highway": lambda: ConvolutionalEncoder(6, widths=(2, 5), channels=(3, 4), highway=True),
    "convolutional over whole windows": lambda: ConvolutionalEncoder(6, widths=(2, 5), channels=4, whole_windows=True),
    "multi_representation": lambda: MultiRepresentationEncoder(6, widths=(1, 2, 5), channels=4, leak=0.2, highway=True),
    "transformer": lambda: TransformerEncoder(6, hidden_dim=8, num_layers=2, num_heads=2),
    "mean of parts": lambda: MeanEncoder(6, num_parts=3, hidden_dim=8, num_layers=2),
    "patches": lambda: PatchEncoder(6, max_length=12, channels=(3, 4), dense_dim=5),
    "patches of colours": lambda: PatchEncoder(6, max_length=12, channels=(3,), dense_dim=5, planes=3),
}
ALL = pytest.mark.parametrize("name", ENCODERS)


def encoder_and_batch(name: str) -> tuple[Encoder, torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    return ENCODERS[name]().eval(), torch.randn(5, 9, 6), torch.tensor([9, 1, 4, 7, 2])


@ALL
def test_features_have_the_size_that_is_told(name: str) -> None:
    encoder, inputs, lengths = encoder_and_batch(name)
    representations = (6,) if isinstance(encoder, MultiRepresentationEncoder) else ()
    assert encoder(inputs, lengths).shape == (5, *representations, encoder.features_dim)


@ALL
def test_padding_does_not_matter(name: str) -> None:
    encoder, inputs, lengths = encoder_and_batch(name)
    expected = encoder(inputs, lengths)
    inside = torch.arange(9) < lengths[:, None]
    other = torch.where(inside[..., None], inputs, 100.0)
    torch.testing.assert_close(encoder(other, lengths), expected)
    wider = functional.pad(inputs, (0, 0, 0, 3), value=-7.0)
    torch.testing.assert_close(encoder(wider, lengths), expected)


@ALL
def test_rows_do_not_see_each_other(name: str) -> None:
    encoder, inputs, lengths = encoder_and_batch(name)
    expected = encoder(inputs, lengths)
    for row in range(5):
        alone = encoder(inputs[row : row + 1, : lengths[row]], lengths[row : row + 1])
        torch.testing.assert_close(alone[0], expected[row], rtol=1e-4, atol=1e-5)


@ALL
def test_every_step_inside_matters(name: str) -> None:
    encoder, inputs, _ = encoder_and_batch(name)
    leaf = inputs.requires_grad_(True)
    (gradient,) = torch.autograd.grad(encoder(leaf, torch.full((5,), 9)).square().sum(), leaf)
    assert (gradient.abs().amax(dim=(0, 2)) > 0).all()


def test_the_backward_direction_starts_at_the_end() -> None:
    torch.manual_seed(2)
    encoder = RecurrentEncoder(3, cell="gru", hidden_dim=4)
    encoder.backwards[0].load_state_dict(encoder.forwards[0].state_dict())
    inputs = torch.randn(1, 6, 3)
    ahead, _ = encoder.states(inputs, torch.tensor([6]))
    turned, _ = encoder.states(inputs.flip(1), torch.tensor([6]))
    torch.testing.assert_close(ahead[..., 4:].flip(1), turned[..., :4])


def test_each_width_has_its_channels() -> None:
    encoder = ConvolutionalEncoder(6, widths=(1, 2, 5), channels=(3, 4, 2), leak=0.0)
    features = encoder(torch.randn(4, 7, 6), torch.full((4,), 7))
    assert features.shape == (4, 9)
    assert [bank.weight.shape[0] for bank in encoder.banks] == [3, 4, 2]
    assert (features >= 0).all()


@pytest.mark.parametrize("whole", [False, True])
def test_the_windows_of_a_convolution(whole: bool) -> None:
    encoder = ConvolutionalEncoder(1, widths=(3,), channels=1, leak=0.0, whole_windows=whole)
    with torch.no_grad():
        encoder.banks[0].weight.copy_(torch.tensor([[[1.0, 0.0, -1.0]]]))
        encoder.banks[0].bias.zero_()
    inputs = torch.tensor([[1.0, 3.0, 2.0, 4.0, 8.0], [5.0, 1.0, 9.0, 9.0, 9.0], [3.0, 1.0, 1.0, 9.0, 9.0]])[..., None]
    found = encoder(inputs, torch.tensor([5, 2, 3]))[:, 0].tolist()
    # Where the end may be passed, the last step stands against nothing.
    assert found == ([0.0, 5.0, 2.0] if whole else [8.0, 5.0, 2.0])


@ALL
def test_it_learns_to_tell_two_orders_of_the_same_steps(name: str) -> None:
    # Rising against falling sequences of one length: what no encoder sees that forgets the order.
    encoder, _, _ = encoder_and_batch(name)
    encoder.train()
    generator = torch.Generator().manual_seed(1)
    head = torch.nn.Linear(encoder.features_dim, 1)
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=1e-2)
    for _ in range(150):
        rising = torch.randn(16, 9, 6, generator=generator).cumsum(1).abs().sort(1).values
        inputs, wanted = torch.cat([rising, rising.flip(1)]), torch.cat([torch.ones(16), -torch.ones(16)])
        scores = head(encoder(inputs, torch.full((32,), 9))).reshape(32, -1)
        optimizer.zero_grad()
        functional.softplus(-scores * wanted[:, None]).mean().backward()
        optimizer.step()
    assert (scores.mean(1).sign() == wanted).float().mean() > 0.9


def test_the_parts_of_a_mean() -> None:
    encoder = MeanEncoder(1, num_parts=3, hidden_dim=3, num_layers=1)
    linear = encoder.layers[0]
    with torch.no_grad():
        linear.weight.copy_(torch.eye(3))
        linear.bias.zero_()
    inputs = torch.tensor(
        [[1.0, 3.0, 2.0, 4.0, 8.0, 9.0], [5.0, 1.0, 7.0, 9.0, 9.0, 9.0], [3.0, 1.0, 9.0, 9.0, 9.0, 9.0]]
    )
    found = encoder(inputs[..., None], torch.tensor([6, 3, 2]))
    # Of two steps one begins the first part and one lies in the middle.
    assert found.tolist() == [[2.0, 3.0, 8.5], [5.0, 1.0, 7.0], [3.0, 1.0, 0.0]]
    whole = MeanEncoder(6, num_parts=1, hidden_dim=4, num_layers=2)
    shuffled = torch.randn(2, 9, 6)
    lengths = torch.tensor([9, 9])
    torch.testing.assert_close(whole(shuffled, lengths), whole(shuffled.flip(1), lengths))


def test_patches_see_the_colours_of_a_pixel_as_planes() -> None:
    torch.manual_seed(3)
    encoder = PatchEncoder(5 * 3 + 2, max_length=4, channels=(7,), dense_dim=5, planes=3)
    images, label = torch.randn(2, 4, 5, 3), torch.randn(2, 4, 2)
    rows = torch.cat([images.flatten(2), label], dim=-1)
    # What comes beside the pixels, such as a label at every row, is one more pixel, the missing colour 0.
    beside = functional.pad(label, (0, 1))[:, :, None]
    planes = torch.cat([images, beside], dim=2).permute(0, 3, 1, 2)
    expected = encoder.dense(encoder.convolutions(planes).flatten(1))
    torch.testing.assert_close(encoder(rows, torch.tensor([4, 4])), expected)


def test_patches_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="3 halvings leave nothing of 12 steps of 6 places"):
        PatchEncoder(6, max_length=12, channels=(2, 2, 2), dense_dim=4)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_state_of_one_direction_has_seen_no_later_step(bidirectional: bool) -> None:
    torch.manual_seed(2)
    encoder = RecurrentEncoder(6, cell="lstm", hidden_dim=5, num_layers=2, bidirectional=bidirectional)
    inputs = torch.randn(3, 9, 6, requires_grad=True)
    states, _ = encoder.states(inputs, torch.full((3,), 9))
    (gradient,) = torch.autograd.grad(states[:, 4].square().sum(), inputs)
    seen = gradient.abs().amax(dim=(0, 2)) > 0
    assert seen[:5].all()
    assert bool(seen[5:].any()) == bidirectional
