"""The built-in images: 1,797 real handwritten digits of 8 x 8, which ship with scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.data.source import RawItem, Split

TEST_SHARE = 0.25
"""Fixed, like an official test split; a quarter, so that Fréchet distances to it are not mostly noise."""
TOP_VALUE = 16


class DigitsSource:
    """Digits 0 to 9 in grey, labelled; the split is the same everywhere and has equal shares of every digit."""

    name = "digits"

    def __init__(self, *, valid_share: float = 0.05) -> None:
        from sklearn.datasets import load_digits

        data = load_digits()
        self._images: npt.NDArray[np.uint8] = np.round(data.images * (255 / TOP_VALUE)).astype(np.uint8)
        self._labels: npt.NDArray[np.int64] = data.target.astype(np.int64)
        self._splits = stratified_splits(self._labels, valid_share=valid_share, test_share=TEST_SHARE)

    def items(self, split: Split) -> Iterator[RawItem]:
        """Yield the digits of one split, uint8 [8, 8]."""
        for index, chosen in enumerate(self._splits):
            if chosen == split:
                yield RawItem(self._images[index], str(self._labels[index]), f"digits: image {index}")

    def size(self, split: Split) -> int | None:
        """Return the number of digits of one split."""
        return self._splits.count(split)


def stratified_splits(labels: npt.NDArray[np.int64], *, valid_share: float, test_share: float) -> list[Split]:
    """Split each class by the same shares, always in the same way.

    Args:
        labels: int64 [N].
        valid_share: share of each class held out for validation.
        test_share: share of each class held out for tests.
    """
    # A fixed seed: this is part of the data set's definition and no choice of the experiment's.
    generator = np.random.default_rng(0)
    splits: list[Split] = ["train"] * len(labels)
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        num_test = round(test_share * len(members))
        num_valid = round(valid_share * len(members))
        for index in members[:num_test]:
            splits[index] = "test"
        for index in members[num_test : num_test + num_valid]:
            splits[index] = "valid"
    return splits
