"""The domain decodes many clips, and long ones, in bounded memory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import soundfile
import torch

from seqgan_toolkit.domains.audio import AudioDomain, FeatureSpec, decoder
from seqgan_toolkit.domains.audio.decoder import finish, finish_pieces
from seqgan_toolkit.domains.audio.features import FrameScale
from seqgan_toolkit.models.vocoder import NeuralDecoder, Vocoder
from seqgan_toolkit.sequences import SequenceBatch


@pytest.fixture
def domain() -> AudioDomain:
    """Frames of 32 mels, decoded by a quiet vocoder with its first weights."""
    torch.manual_seed(2)
    spec = FeatureSpec(hop=64, num_mels=32)
    domain = AudioDomain(spec, FrameScale(-6.0, (3.0,) * 32))
    network = Vocoder(domain.space, hop=64, hidden_dim=8, num_layers=2).eval()
    with torch.no_grad():
        network.head.bias[: network.n_fft // 2 + 1] -= 3.0
    return domain.decoding_with(NeuralDecoder(network))


@pytest.fixture
def frames() -> SequenceBatch:
    torch.manual_seed(3)
    return SequenceBatch(torch.rand(3, 50, 32) * 2 - 1, torch.tensor([20, 50, 9]))


def test_a_long_clip_decoded_in_pieces_is_the_whole(domain, frames, monkeypatch):
    whole = domain.decode(frames)
    assert [len(clip) for clip in whole] == [20 * 64, 50 * 64, 9 * 64]
    assert 0.001 < max(abs(clip).max() for clip in whole) < 1
    monkeypatch.setattr(decoder, "PIECE_FRAMES", 16)
    monkeypatch.setattr("seqgan_toolkit.domains.audio.domain.PIECE_FRAMES", 16)
    pieces = list(domain.stream(frames.values[1]))
    assert [len(piece) for piece in pieces] == [16 * 64, 16 * 64, 16 * 64, 2 * 64]
    for found, wanted in zip(domain.decode(frames), whole, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_what_is_written_is_what_is_decoded(domain, frames, tmp_path, monkeypatch):
    monkeypatch.setattr(decoder, "PIECE_FRAMES", 16)
    monkeypatch.setattr("seqgan_toolkit.domains.audio.domain.PIECE_FRAMES", 16)
    streamed = domain.write_decoded(frames, tmp_path / "streamed")
    at_once = domain.write(domain.decode(frames), tmp_path / "at_once")
    assert [path.name for path in streamed] == [path.name for path in at_once]
    for one, other in zip(streamed[:-1], at_once[:-1], strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert soundfile.info(streamed[1]).frames == 50 * 64


def test_no_more_than_a_piece_is_decoded_at_once(domain, monkeypatch):
    monkeypatch.setattr(decoder, "PIECE_FRAMES", 100)
    seen = []
    whole = domain.decoder.whole

    def watched(part: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        seen.append(part.shape[1])
        return whole(part, lengths)

    monkeypatch.setattr(domain.decoder, "whole", watched)
    stream = domain.stream(torch.zeros(5000, 32))
    next(stream)
    # One piece is held back, since the last one is faded.
    assert len(seen) == 2
    assert max(seen) <= 100 + 2 * domain.decoder.vocoder.context
    assert sum(len(piece) for piece in stream) == 4900 * 64


def test_pieces_are_faded_at_the_ends_of_the_clip_alone():
    clip = torch.full((900,), 0.5)
    joined = torch.cat(list(finish_pieces(iter(clip.split(300)), 8000)))
    torch.testing.assert_close(joined, finish(clip, 8000), atol=0, rtol=0)
    loud = torch.cat(list(finish_pieces(iter((4 * clip).split(300)), 8000)))
    assert loud.max() == 1


def test_both_decoders_may_be_had(domain, frames):
    plain = domain.decoding_with(domain.griffin_lim("cpu"))
    assert (plain.decoder.name, domain.decoder.name) == ("griffin_lim", "neural")
    assert plain.state() == domain.state()
    assert not np.allclose(plain.decode(frames)[0], domain.decode(frames)[0], atol=0.01)
    assert math.isclose(len(plain.decode(frames)[2]), 9 * 64)
