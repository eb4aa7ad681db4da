"""Networks of the metrics that are kept on disk, so that a corpus trains its own once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from seqgan_toolkit.console import say
from seqgan_toolkit.files import atomic_path

Network = TypeVar("Network", bound=nn.Module)


def keep(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write the weights of a network, and what is to be known of it."""
    from safetensors.torch import save_file

    with atomic_path(path) as temporary:
        save_file(network.state_dict(), temporary, metadata=dict(about))


def read_kept(make: Callable[[], Network], path: Path) -> tuple[Network, dict[str, str]] | None:
    """Return the network that `keep` wrote, in evaluation mode, and what it was told of it.

    PyTorch's global generator is left as it was.

    Args:
        make: returns a network of the same shape.
        path: where it should lie.

    Returns:
        None where there is no such file, or a damaged one, which is said.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    with torch.random.fork_rng(devices=[]):
        network = make()
    try:
        with safe_open(path, framework="pt") as file:
            network.load_state_dict({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
            return network.eval(), dict(file.metadata() or {})
    except (SafetensorError, OSError, RuntimeError) as error:
        say(f"warning: {path} is damaged ({error}); it is trained again")
        return None
