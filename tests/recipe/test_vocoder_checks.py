"""What a vocoder cannot work with is refused when the recipe is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.schema import Recipe

ROWS = "data={kind: rows, source: digits}"
GENERATOR = "generator={kind: frames}"
DISCRIMINATOR = "discriminator={encoders: [{kind: recurrent}]}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("vocoder=null", "there is nothing to train"),
        (GENERATOR, "need each other: give both"),
        (ROWS, "use data of kind 'audio'"),
        ("data.decoder=runs/other", "leave data.decoder out"),
        (DISCRIMINATOR, "leave 'discriminator'"),
        ("vocoder.segment_seconds=0.01", "is shorter than a window of 256 samples: use at least 0.032"),
        ("vocoder.discriminator={resolutions: [], periods: []}", "nothing is judged"),
        ("vocoder.stft_resolutions=[66]", "multiple of 4"),
    ],
)
def test_refused(tiny_vocoder: Callable[..., Recipe], change: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        tiny_vocoder(change)
