"""The split of every image of a source, decided once so that sizes are known without reading."""

from __future__ import annotations

from collections.abc import Iterable

from seqgan_toolkit.data.source import Split, split_of


def assign_splits(keys: Iterable[str], *, valid_share: float, test_share: float, has_test: bool = False) -> list[Split]:
    """Return the split of every item, by the hash of its key (see `split_of`)."""
    return [split_of(key, valid_share=valid_share, test_share=test_share, has_test=has_test) for key in keys]
