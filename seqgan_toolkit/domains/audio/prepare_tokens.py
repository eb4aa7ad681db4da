"""Sounds to a corpus of tokens: the frames first, then a quantiser fitted to them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import Source
from seqgan_toolkit.domains.audio.clips import move_clips
from seqgan_toolkit.domains.audio.features import FeatureSpec
from seqgan_toolkit.domains.audio.prepare import prepare_audio
from seqgan_toolkit.domains.quantiser import QuantiserSpec, fit_quantiser, write_tokens


def prepare_audio_tokens(
    source: Source, directory: Path, spec: FeatureSpec, tokens: QuantiserSpec, *, seed: int, skip_bad: bool = False
) -> Corpus:
    """Write the corpus of a source of sounds as tokens, with their waveforms beside them.

    The frames lie in a temporary corpus beside `directory` until they are tokens.

    Args:
        source: items whose value is a `Clip` or the path of a sound file.
        directory: where the corpus goes.
        spec: what the frames are made of.
        tokens: how frames become tokens.
        seed: of all that is drawn while the quantiser is fitted.
        skip_bad: leave out, name and count clips that cannot be used, where they would end the command.

    Raises:
        UserError: a clip cannot be used, or too few can.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}.") as scratch:
        frames = prepare_audio(source, Path(scratch) / "frames", spec, seed=seed, skip_bad=skip_bad)
        quantiser = fit_quantiser(frames.splits["train"], tokens, seed=seed)
        with CorpusWriter(directory, quantiser.space) as writer:
            about = write_tokens(frames, quantiser, writer)
            move_clips(frames.directory, directory)
            domain = {**frames.domain_state, "quantiser": quantiser.state()}
            notes = {**frames.notes, "quantiser": about}
            return writer.close(domain=domain, label_names=frames.label_names, notes=notes)
