"""Sound files to a corpus of scaled log-mel frames, clip by clip, with the sound itself beside them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from seqgan_toolkit.console import say, track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, RawItem, Source, Split
from seqgan_toolkit.domains.audio.clips import ClipWriter
from seqgan_toolkit.domains.audio.domain import AudioDomain
from seqgan_toolkit.domains.audio.features import FeatureSpec, FrameScale, LogMel
from seqgan_toolkit.domains.audio.reading import BadClipError, Clip, Waveform, check_clip, read_clip, resample, trim
from seqgan_toolkit.errors import UserError

NAMED = 20
"""So many of the files that were left out are named in the corpus's notes."""


@dataclass
class _Extracted:
    """What the first pass learns while it writes unscaled frames end to end into one file."""

    loudest: torch.Tensor
    clips: list[tuple[Split, int, str | None]] = field(default_factory=list)
    num_cut: int = 0
    skipped: list[str] = field(default_factory=list)


@dataclass
class _ClipCounts:
    """How many values of the scaled frames lie at either end of the range."""

    total: int = 0
    at_floor: int = 0
    at_top: int = 0

    def add(self, frames: torch.Tensor) -> None:
        self.total += frames.numel()
        self.at_floor += int((frames <= -1).sum())
        self.at_top += int((frames >= 1).sum())


def prepare_audio(source: Source, directory: Path, spec: FeatureSpec, *, seed: int, skip_bad: bool = False) -> Corpus:
    """Write the corpus of a source of sounds.

    The scale is known only once all training clips are seen, so unscaled frames go to a temporary file beside the
    corpus (about twice the size of 16-bit sound at the same rate) and are scaled in a second pass over it. The sound
    is kept beside the frames (`ClipStore`).

    Args:
        source: items whose value is a `Clip` or the path of a sound file.
        directory: where the corpus goes.
        spec: what the frames are made of.
        seed: not used; nothing here is drawn.
        skip_bad: leave out, name and count clips that cannot be used, where they would end the command.

    Raises:
        UserError: a clip cannot be used, or too few can.
    """
    del seed
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}.") as scratch:
        frames_path = Path(scratch) / "frames.bin"
        with ClipWriter(Path(scratch)) as clips:
            with open(frames_path, "wb") as file:
                extracted = _extract(source, spec, file, clips, skip_bad)
            scale = _fit(extracted, spec)
            with open(frames_path, "rb") as file:
                return _write(extracted, file, clips, directory, spec, scale)


def _extract(source: Source, spec: FeatureSpec, file: BinaryIO, clips: ClipWriter, skip_bad: bool) -> _Extracted:
    log_mel = LogMel(spec)
    extracted = _Extracted(torch.full((spec.num_mels,), -torch.inf))
    for split in SPLITS:
        for item in track(source.items(split), f"{source.name}: features of {split}", source.size(split)):
            try:
                waveform = load_waveform(item, spec)
            except BadClipError as error:
                _skip_or_raise(error, extracted, skip_bad)
                continue
            longest = spec.max_frames * spec.hop
            extracted.num_cut += len(waveform) > longest
            frames = log_mel(torch.from_numpy(waveform[:longest]))
            clips.add(split, waveform[:longest])
            file.write(frames.contiguous().numpy().tobytes())
            extracted.clips.append((split, len(frames), item.label))
            if split == "train":
                extracted.loudest = torch.maximum(extracted.loudest, frames.amax(dim=0))
    return extracted


def load_waveform(item: RawItem, spec: FeatureSpec) -> Waveform:
    """Return the sound of an item, float32 [samples] in [-1, 1]: mono, at the rate of `spec`, trimmed, not yet cut.

    A clip that goes beyond full scale (files of floats, or resampling) is lowered, as the decoder does.

    Raises:
        BadClipError: it cannot be read or holds no sound.
    """
    clip = item.value if isinstance(item.value, Clip) else read_clip(Path(item.value), spec.max_seconds)
    check_clip(clip, item.where)
    samples = trim(resample(clip, spec.sample_rate), spec.trim_db, spec.n_fft, spec.hop)
    fitting: Waveform = samples / np.abs(samples).max(initial=1)
    return fitting


def _skip_or_raise(error: BadClipError, extracted: _Extracted, skip_bad: bool) -> None:
    if not skip_bad:
        raise UserError(f"{error}; --skip-bad (data.skip_bad=true) leaves such files out") from error
    say(f"left out: {error}")
    extracted.skipped.append(str(error))


def _fit(extracted: _Extracted, spec: FeatureSpec) -> FrameScale:
    if not torch.isfinite(extracted.loudest).all():
        raise UserError(
            f"no training clip is left: {len(extracted.clips)} clips in the other splits, "
            f"{len(extracted.skipped)} left out"
        )
    return FrameScale.fit(extracted.loudest, spec.range_db)


def _write(
    extracted: _Extracted, file: BinaryIO, clips: ClipWriter, directory: Path, spec: FeatureSpec, scale: FrameScale
) -> Corpus:
    writer = CorpusWriter(directory, scale.space)
    names = sorted({label for _, _, label in extracted.clips if label is not None})
    index = {name: position for position, name in enumerate(names)}
    counts = _ClipCounts()
    for split, length, label in extracted.clips:
        log_mel = np.fromfile(file, dtype=np.float32, count=length * spec.num_mels).reshape(length, spec.num_mels)
        frames = scale.scale(torch.from_numpy(log_mel))
        counts.add(frames)
        writer.add(split, frames.numpy(), None if label is None else index[label])
    clips.move_to(directory)
    domain = AudioDomain(spec, scale)
    return writer.close(domain=domain.state(), label_names=names, notes=_notes(extracted, counts))


def _notes(extracted: _Extracted, counts: _ClipCounts) -> dict[str, Any]:
    lengths = [length for _, length, _ in extracted.clips]
    return {
        "clips": len(lengths),
        "mean_frames": sum(lengths) / len(lengths),
        "cut_to_max_seconds": extracted.num_cut,
        "left_out": len(extracted.skipped),
        "left_out_first": extracted.skipped[:NAMED],
        "values_at_floor": counts.at_floor / counts.total,
        "values_at_top": counts.at_top / counts.total,
    }
