"""Audio clips as log-mel frames."""

from seqgan_toolkit.domains.audio.clips import ClipStore
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.audio.features import FeatureSpec
from seqgan_toolkit.domains.audio.folder import AudioFolderSource, fsdd_source
from seqgan_toolkit.domains.audio.plucks import PlucksSource, label_to_midi
from seqgan_toolkit.domains.audio.prepare import prepare_audio

__all__ = [
    "AudioDomain",
    "AudioFolderSource",
    "ClipStore",
    "FeatureSpec",
    "PlucksSource",
    "fsdd_source",
    "label_to_midi",
    "prepare_audio",
]
