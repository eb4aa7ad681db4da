from __future__ import annotations

import pytest
import torch

from seqgan_toolkit.models.repeated_linear import RepeatedLinear, one_gradient


def looped(layer: RepeatedLinear, inputs: torch.Tensor) -> torch.Tensor:
    """Run a loop of five steps, each of which reads the one before."""
    outputs = [inputs]
    for _ in range(5):
        outputs.append(layer(outputs[-1]).tanh())
    return torch.stack(outputs)


def layer_and_inputs(*, bias: bool = True) -> tuple[RepeatedLinear, torch.Tensor]:
    torch.manual_seed(1)
    return RepeatedLinear(3, 3, bias=bias).double(), torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients_are_those_of_a_linear_layer(bias: bool) -> None:
    layer, inputs = layer_and_inputs(bias=bias)
    wanted = [inputs, *layer.parameters()]
    expected = looped(layer, inputs)
    gradients = torch.autograd.grad(expected.square().sum(), wanted)
    with one_gradient(layer):
        found = looped(layer, inputs)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found.square().sum(), wanted), gradients)


def test_the_gradient_of_the_weights_is_one_product() -> None:
    layer, inputs = layer_and_inputs(bias=False)
    with one_gradient(layer):
        total = looped(layer, inputs).sum()
    with torch.profiler.profile() as profile:
        total.backward()
    products = [event for event in profile.events() if event.name == "aten::mm"]
    assert len(products) == 5 + 1  # the inputs of every step, and the weights


def test_a_loop_can_run_within_another_and_after_it() -> None:
    layer, inputs = layer_and_inputs()
    expected = torch.autograd.grad(looped(layer, looped(layer, inputs)[-1]).sum(), layer.weight)
    with one_gradient(layer):
        between = looped(layer, inputs)[-1]
        with one_gradient(layer):
            found = looped(layer, between)
    assert layer(inputs).grad_fn.name() != "_StepBackward"
    torch.testing.assert_close(torch.autograd.grad(found.sum(), layer.weight), expected)


def test_frozen_weights_and_no_gradient_leave_the_layer_as_it_is() -> None:
    layer, inputs = layer_and_inputs()
    expected = torch.autograd.grad(looped(layer, inputs).sum(), inputs)
    with torch.no_grad(), one_gradient(layer):
        assert not looped(layer, inputs).requires_grad
    layer.requires_grad_(False)
    with one_gradient(layer):
        torch.testing.assert_close(torch.autograd.grad(looped(layer, inputs).sum(), inputs), expected)


def test_two_backwards_through_one_graph_add_up() -> None:
    layer, inputs = layer_and_inputs()
    looped(layer, inputs).sum().backward()
    expected = 2 * layer.weight.grad
    layer.weight.grad = None
    with one_gradient(layer):
        total = looped(layer, inputs).sum()
    total.backward(retain_graph=True)
    total.backward()
    torch.testing.assert_close(layer.weight.grad, expected)


def test_a_backward_that_left_the_weights_out_is_no_silent_mistake() -> None:
    layer, inputs = layer_and_inputs()
    with one_gradient(layer):
        total = looped(layer, inputs).sum()
    torch.autograd.grad(total, inputs, retain_graph=True)
    with pytest.raises(RuntimeError, match="left the weights out"):
        total.backward()


def test_lower_precision_gives_gradients_of_the_weights_own_type() -> None:
    layer, inputs = layer_and_inputs()
    layer, inputs = layer.float(), inputs.float()
    expected = torch.autograd.grad(looped(layer, inputs).sum(), layer.weight)
    with torch.autocast("cpu", torch.bfloat16), one_gradient(layer):
        outputs = looped(layer, inputs)
    assert outputs[1:].dtype == torch.float32  # joined with the inputs, which stay what they were
    found = torch.autograd.grad(outputs.sum(), layer.weight)
    torch.testing.assert_close(found, expected, rtol=0.1, atol=0.1)
