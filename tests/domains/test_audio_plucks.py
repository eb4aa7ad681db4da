from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch

from seqgan_toolkit.data.source import RawItem
from seqgan_toolkit.domains.audio import AudioDomain, FeatureSpec, PlucksSource, label_to_midi, prepare_audio
from seqgan_toolkit.metrics.clips.pitch import track_pitch


def waveforms(source: PlucksSource, split: str, count: int) -> list[np.ndarray]:
    return [item.value.samples for item in islice(source.items(split), count)]


def test_splits_and_labels():
    source = PlucksSource(num_clips=480)
    assert [source.size(split) for split in ("train", "valid", "test")] == [480, 24, 480]
    labels = Counter(item.label for item in source.items("valid"))
    assert labels == {f"midi-{midi}": 1 for midi in range(57, 81)}


def test_clips_depend_on_seed_split_and_index_alone():
    first = waveforms(PlucksSource(num_clips=100), "train", 30)
    assert all(map(np.array_equal, first, waveforms(PlucksSource(num_clips=50), "train", 30)))
    assert not np.array_equal(first[0], waveforms(PlucksSource(num_clips=100, seed=1), "train", 1)[0])
    assert not np.array_equal(first[0], waveforms(PlucksSource(num_clips=100), "test", 1)[0])


def test_clips_vary_in_length_loudness_and_timbre():
    clips = waveforms(PlucksSource(num_clips=10), "test", 96)
    seconds = [len(clip) / 8000 for clip in clips]
    assert 0.24 <= min(seconds) < 0.3
    assert 0.65 < max(seconds) <= 0.7
    peaks = [np.abs(clip).max() for clip in clips]
    assert min(peaks) < 0.4
    assert 0.7 < max(peaks) <= 1.0
    spectra = [np.abs(np.fft.rfft(clip[:2000])) for clip in clips[::24]]
    brightness = [spectrum[300:].sum() / spectrum.sum() for spectrum in spectra]
    assert max(brightness) > 1.3 * min(brightness)


class TrainingClips(PlucksSource):
    """The training split alone, which may be small."""

    def items(self, split: str) -> Iterator[RawItem]:
        return super().items(split) if split == "train" else iter(())


@pytest.mark.parametrize("hop", [64, 128])
def test_copy_synthesis_keeps_the_pitch(tmp_path, hop):
    corpus = prepare_audio(TrainingClips(num_clips=96), tmp_path / "corpus", FeatureSpec(hop=hop), seed=0)
    batch = corpus.splits["train"].head(96)
    clips = AudioDomain.from_state(corpus.domain_state).decode(batch)
    wanted = [label_to_midi(corpus.label_names[label]) for label in batch.labels.tolist()]
    cents = [100 * abs(track_pitch(clip, 8000) - midi) for clip, midi in zip(clips, wanted, strict=True)]
    assert np.mean(np.array(cents) < 50) >= 0.98
    assert torch.equal(batch.lengths * hop, torch.tensor([len(clip) for clip in clips]))
