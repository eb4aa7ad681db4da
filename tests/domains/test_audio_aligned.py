import numpy as np
import pytest
import torch

from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.domains.audio.aligned import AlignedClips, cut
from seqgan_toolkit.sequences import SequenceBatch

HOP = 4


@pytest.fixture
def aligned() -> AlignedClips:
    """Two clips whose samples and frames both say where they are: sample n is n, frame t is 4 t."""
    lengths = torch.tensor([7, 3])
    frames = torch.arange(7.0).mul(HOP).expand(2, 7).clone()[..., None]
    sounds = [np.arange(26, dtype=np.float32), np.arange(12, dtype=np.float32)]
    return AlignedClips(HeldSequences(SequenceBatch(frames, lengths, torch.tensor([1, 0]))), sounds, HOP)


def test_every_frame_has_its_samples(aligned):
    batch = aligned.batch([1, 0])
    assert batch.values.shape == (2, 7, 1 + HOP)
    assert batch.labels.tolist() == [0, 1]
    for row, length in enumerate(batch.lengths.tolist()):
        for frame, samples in zip(batch.values[row, :length, 0], batch.values[row, :length, 1:], strict=True):
            present = samples != 0
            assert torch.equal(samples[present], (frame + torch.arange(HOP))[present])
    # The last hop is not full, and what lies behind a clip is silent.
    assert batch.values[1, 6, 1:].tolist() == [24.0, 25.0, 0.0, 0.0]
    assert not batch.values[0, 3:, 1:].any()


@pytest.mark.parametrize(("start", "first"), [(0.0, 0), (0.5, 2), (0.99, 4)])
def test_stretches_begin_anywhere_and_short_clips_stay_whole(aligned, start, first):
    batch = cut(aligned.batch([0, 1]), 3, torch.full((2,), start))
    assert batch.lengths.tolist() == [3, 3]
    assert batch.values[0, :, 0].tolist() == [HOP * (first + step) for step in range(3)]
    assert batch.values[1, :, 0].tolist() == [0.0, 4.0, 8.0]
    longer = cut(aligned.batch([0, 1]), 5, torch.full((2,), start))
    assert longer.lengths.tolist() == [5, 3]
