"""What a vocoder is worth beside Griffin-Lim: both copy the same held-out clips."""

from __future__ import annotations

import numpy as np

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.audio.clips import ClipStore
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.clips.copy_synthesis import CopyPanel
from seqgan_toolkit.metrics.real_data import reference_split
from seqgan_toolkit.stages.model import TrainedModel
from seqgan_toolkit.stages.references import EVALUATION_SEED


def copy_figures(trained: TrainedModel, corpus: Corpus, count: int) -> dict[str, dict[str, Measurement]]:
    """Return the figures of both decoders, by name.

    Args:
        trained: a run's vocoder.
        corpus: its real clips.
        count: the most clips that are copied.

    Raises:
        UserError: the corpus keeps no waveforms.
    """
    assert isinstance(trained.domain, AudioDomain)
    split = reference_split(corpus)
    sequences, clips = corpus.splits[split], ClipStore(corpus.directory, split)
    chosen = np.random.default_rng(EVALUATION_SEED).permutation(len(sequences))[:count]
    panel = CopyPanel([clips[int(index)] for index in chosen], trained.domain.spec, trained.domain.scale.floor)
    batch = sequences.batch(chosen)
    griffin_lim = trained.domain.decoding_with(trained.domain.griffin_lim(trained.device))
    decoders = {"vocoder": trained.domain, "griffin_lim": griffin_lim}
    return {name: panel.measure(domain.decode(batch)) for name, domain in decoders.items()}
