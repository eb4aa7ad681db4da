"""Third parties' parts, by a dotted path."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from typing import Any

from torch import nn

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe import schema


def make_custom(config: schema.Custom, about: Any, **known: Any) -> nn.Module:
    """Build a third party's part: `kind: package.module:Class`, looked for in the working directory too.

    Args:
        config: the kind and its `args`.
        about: what it is called with first: the data's facts for a generator, the size of a step for an encoder.
        known: what else is known to the caller; `args` come on top.

    Raises:
        UserError: there is no such module or name, or it does not take these arguments.
    """
    module, name = config.kind.split(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        part = getattr(importlib.import_module(module), name)
        inspect.signature(part).bind(about, **known, **config.args)
    except (ImportError, AttributeError, TypeError) as error:
        raise UserError(f"kind '{config.kind}': {error}") from error
    built: nn.Module = part(about, **known, **config.args)
    return built
