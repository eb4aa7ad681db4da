"""What is measured of audio clips: waveforms, beside real ones."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.metrics.clips.analysed import AnalysedPanel, ClipsPanel
from seqgan_toolkit.metrics.clips.classifier import clip_classifier_for
from seqgan_toolkit.metrics.clips.comb import CombPanel
from seqgan_toolkit.metrics.clips.labels import ClipLabelPanel
from seqgan_toolkit.metrics.clips.neighbours import ClipNeighboursPanel
from seqgan_toolkit.metrics.clips.panel import ClipPanel
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.clips.waveforms import WaveformPanel
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.sequences import FrameSpace


def clip_panels(recipe: schema.Recipe, corpus: Corpus, cache: Path) -> list[ClipsPanel]:
    """Choose the panels for a corpus of sounds.

    Args:
        recipe: a recipe for audio.
        corpus: the prepared data.
        cache: where classifiers are kept.
    """
    data = recipe.data
    assert isinstance(data, schema.AudioData)
    real = RealClips.of(corpus, data.sample_rate)
    panels: list[ClipsPanel] = [_pitch_panel(real)] if data.source == "plucks" else []
    if len(real.label_names) > 1:
        panels.append(ClipLabelPanel(real, clip_classifier_for(real, cache=cache / "classifiers")))
    panels += [ClipPanel(real), ClipNeighboursPanel(real), WaveformPanel(data.sample_rate, real.training_clips)]
    analysed = AnalysedPanel(real, panels)
    return [analysed, *_comb_panels(recipe.generator, corpus)]


def _pitch_panel(real: RealClips) -> ClipsPanel:
    from seqgan_toolkit.domains.audio.plucks import label_to_midi
    from seqgan_toolkit.metrics.clips.pitch import PitchPanel

    pitches = [label_to_midi(name) for name in real.label_names]
    return PitchPanel(pitches, real.analysis.spec.sample_rate, real.held_out)


def _comb_panels(generator: schema.GeneratorConfig, corpus: Corpus) -> list[ClipsPanel]:
    """Return what hears the steps of a generator that makes several frames at each; others have no comb."""
    if not isinstance(generator, schema.FrameGenerator | schema.AutoregressiveFrameGenerator):
        return []
    several = generator.frames_per_step > 1 and isinstance(corpus.space, FrameSpace)
    return [CombPanel(generator.frames_per_step)] if several else []
