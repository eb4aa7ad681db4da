"""`ls`: the recipes that come with the package."""

from __future__ import annotations


def ls() -> None:
    """List the recipes that come with seqgan-toolkit."""
    from seqgan_toolkit.recipe.catalogue import catalogue

    entries = catalogue()
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        print(f"{entry.name:<{width}}  {entry.summary}".rstrip())
