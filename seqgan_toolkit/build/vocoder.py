"""The vocoder and its phase, from a recipe."""

from __future__ import annotations

import torch

from seqgan_toolkit.build.workshop import Workshop
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.domains.audio.aligned import AlignedClips
from seqgan_toolkit.domains.audio.clips import ClipStore
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.audio.features import LogMel
from seqgan_toolkit.domains.audio.spectra import SpectralDistance
from seqgan_toolkit.draws import seed_for
from seqgan_toolkit.models.vocoder import Vocoder
from seqgan_toolkit.models.waveform_discriminator import WaveformDiscriminator
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace, SequenceSpace
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.vocoder import VocoderTraining


def make_vocoder(config: schema.Vocoder, data: schema.DataConfig, space: SequenceSpace, seed: int) -> Vocoder:
    """Build a vocoder of the frames of audio data with its first weights, which the seed alone decides."""
    assert isinstance(data, schema.AudioData)
    assert isinstance(space, FrameSpace)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "generator"))
        return Vocoder(space, hop=data.hop, **config.model_dump(exclude={"kind"}))


def make_vocoder_training(
    shop: Workshop, config: schema.VocoderTraining, vocoder: Vocoder, average: MovingAverage
) -> VocoderTraining:
    """Build the phase in which a vocoder learns to copy clips.

    Raises:
        UserError: the corpus keeps no waveforms.
    """
    domain = AudioDomain.from_state(shop.corpus.domain_state)
    train, clips = shop.corpus.splits["train"], ClipStore(shop.corpus.directory, "train")
    order = shop.draws("order of vocoder", on_cpu=True)
    spectra = {"mel": config.mel_weight, "stft": config.stft_weight}
    weights = {**spectra, "game": config.game_weight, "features": config.feature_matching}
    discriminator = _make_discriminator(config.discriminator, shop.recipe.seed).to(shop.device)
    return VocoderTraining(
        vocoder=vocoder,
        discriminator=discriminator,
        distance=SpectralDistance(
            LogMel(domain.spec, shop.device), domain.scale.floor, config.stft_resolutions, shop.device
        ),
        weights=weights,
        vocoder_descent=shop.descent(vocoder, config.optimizer),
        discriminator_descent=shop.descent(discriminator, config.discriminator.optimizer),
        average=average,
        loader=Loader(AlignedClips(train, clips, domain.spec.hop), config.batch_size, order),
        draws=shop.draws("stretches of vocoder"),
        steps=config.steps,
        pretraining_steps=config.pretraining_steps,
        num_frames=round(config.segment_seconds * domain.spec.sample_rate / domain.spec.hop),
        device=shop.device,
        autocast=shop.autocast,
    )


def _make_discriminator(config: schema.WaveformDiscriminator, seed: int) -> WaveformDiscriminator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for(seed, "discriminator"))
        return WaveformDiscriminator(**config.model_dump(exclude={"optimizer"}))
