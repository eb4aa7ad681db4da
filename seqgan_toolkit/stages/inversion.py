"""How near a run's generator of frames comes to given sequences, trained on and not."""

from __future__ import annotations

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.base import Measurement
from seqgan_toolkit.metrics.frames.inversion import inversion_measurements
from seqgan_toolkit.metrics.real_data import learnt_and_held_out, random_part
from seqgan_toolkit.models.frame_generator import FrameGenerator
from seqgan_toolkit.sampling.inversion import inversion_errors
from seqgan_toolkit.stages.model import TrainedModel
from seqgan_toolkit.stages.references import EVALUATION_SEED

NUM_SEQUENCES = 64
"""Of each split: the search for their noise is a short training."""


def inversion_figures(model: TrainedModel, corpus: Corpus) -> dict[str, Measurement]:
    """Return what the search for the noise of real sequences says; nothing where a generator feeds its frames back."""
    generator, chosen = model.generator, [random_part(store, NUM_SEQUENCES) for store in learnt_and_held_out(corpus)]
    if not isinstance(generator, FrameGenerator) or min(map(len, chosen)) < 2:
        return {}
    # Both searches begin at the same noise.
    training, held_out = (
        inversion_errors(generator, batch, Draws(EVALUATION_SEED, "inversion", device=model.device)) for batch in chosen
    )
    return inversion_measurements(training, held_out)
