"""What is said of previews that have gone wrong."""

from __future__ import annotations

from collections.abc import Callable

from seqgan_toolkit.build.data import originals_of
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.base import Artefacts, Domain

NUM_REAL = 200
"""Training clips that faults are compared with."""


def make_alarms(domain: Domain, corpus: Corpus) -> Callable[[Artefacts], list[str]]:
    """Return what looks at previewed artefacts and says what is wrong; of clips alone, so far."""
    from seqgan_toolkit.domains.audio.domain import AudioDomain

    if not isinstance(domain, AudioDomain):
        return lambda _: []
    from seqgan_toolkit.domains.audio.alarms import Alarms

    clips = originals_of(domain.kind, corpus, "train")
    assert clips is not None
    return Alarms(domain.spec.sample_rate, (clips[index] for index in range(min(NUM_REAL, len(clips)))))
