"""Networks of the metrics that are kept on disk, so that a corpus trains its own once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from seqgan_toolkit.console import say
from seqgan_toolkit.files import atomic_path


def keep(network: nn.Module, path: Path, about: Mapping[str, str]) -> None:
    """Write the weights of a network, and what is to be known of it."""
    from safetensors.torch import save_file

    with atomic_path(path) as temporary:
        save_file(network.state_dict(), temporary, metadata=dict(about))


def read_kept(network: nn.Module, path: Path) -> dict[str, str] | None:
    """Load what was kept into a network of the same shape.

    Returns:
        What `keep` was told of it; None where there is no such file, or a damaged one, which is said.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            network.load_state_dict({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118
            return dict(file.metadata() or {})
    except (SafetensorError, OSError, RuntimeError) as error:
        say(f"warning: {path} is damaged ({error}); it is trained again")
        return None
