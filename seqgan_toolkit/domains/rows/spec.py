"""What a user may choose about images read row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class RowsSpec:
    """How images are labelled and split.

    Attributes:
        label: `folder` takes the labels that come with the images (for a folder of images, the name of the
            sub-folder); `none` leaves labels out.
        valid_share: share of the images held out for validation.
        test_share: share held out for tests, where the source brings no test split of its own.
    """

    label: Literal["folder", "none"] = "folder"
    valid_share: float = 0.05
    test_share: float = 0.1
