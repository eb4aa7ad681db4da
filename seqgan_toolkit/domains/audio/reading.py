"""Sound files to mono waveforms at one rate, with what is wrong with a file said in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import numpy.typing as npt

from seqgan_toolkit.errors import UserError

if TYPE_CHECKING:
    import soundfile

Waveform = npt.NDArray[np.float32]

READ_SECONDS = 60.0
"""No more of a file than this and the longest clip is read, so that one long file cannot fill the memory."""
SILENCE = 1e-4
"""A clip whose samples differ by less than this (-80 dB of full scale) is silent."""
BLOCK = 1 << 16
UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""What programs that write to a pipe put where a wav file's size belongs."""


class BadClipError(UserError):
    """A sound file that cannot be used; with `skip_bad` it is left out."""


@dataclass(frozen=True)
class Clip:
    """A waveform, float32 [samples], mono, and its rate in Hz."""

    samples: Waveform
    sample_rate: int


def read_clip(path: Path, max_seconds: float) -> Clip:
    """Read a sound file as the mean of its channels.

    Args:
        path: a wav, flac, ogg or mp3 file of any rate, width and number of channels. An ogg file cut between two
            of its pages cannot be told from a shorter one.
        max_seconds: the longest clip that is wanted; up to a minute more is read, for silence before it.

    Raises:
        BadClipError: it is not a sound file, or is empty, cut short, or holds values that are not numbers.
    """
    import soundfile

    try:
        _refuse_cut(path)
        with soundfile.SoundFile(path) as file:
            wanted = min(file.frames, int((READ_SECONDS + max_seconds) * file.samplerate))
            samples = _read_mono(file, wanted)
            sample_rate = file.samplerate
    except soundfile.LibsndfileError as error:
        reason = error.error_string.removeprefix("Error : ").rstrip(".")
        raise BadClipError(f"{path}: cannot be read as sound ({reason})") from error
    except OSError as error:
        raise BadClipError(f"{path}: cannot be read ({error.strerror})") from error
    if len(samples) < wanted:
        raise BadClipError(f"{path}: cut short: its header says {wanted} samples, and {len(samples)} can be read")
    return Clip(samples, sample_rate)


def _read_mono(file: soundfile.SoundFile, wanted: int) -> Waveform:
    """Read up to `wanted` samples, fewer where the file ends before (`SoundFile.blocks` would invent the rest)."""
    samples = np.zeros(wanted, np.float32)
    done = 0
    while done < wanted:
        block = file.read(min(BLOCK, wanted - done), dtype="float32", always_2d=True)
        if not len(block):
            break
        samples[done : done + len(block)] = block.mean(axis=1)
        done += len(block)
    return samples[:done]


def check_clip(clip: Clip, where: str) -> None:
    """Refuse a clip without sound.

    Raises:
        BadClipError: it is empty, silent, or holds values that are not numbers.
    """
    if not len(clip.samples):
        raise BadClipError(f"{where}: holds no samples")
    if not np.isfinite(clip.samples).all():
        raise BadClipError(f"{where}: holds samples that are not finite numbers")
    if np.ptp(clip.samples) < SILENCE:
        raise BadClipError(f"{where}: silent: no sample rises above {20 * np.log10(SILENCE):.0f} dB of full scale")


def resample(clip: Clip, sample_rate: int) -> Waveform:
    """Return the clip's samples at `sample_rate`, by soxr's high-quality band-limited resampling."""
    if clip.sample_rate == sample_rate:
        return clip.samples
    import librosa

    resampled: Waveform = librosa.resample(
        clip.samples, orig_sr=clip.sample_rate, target_sr=sample_rate, res_type="soxr_hq"
    )
    return resampled


def trim(samples: Waveform, trim_db: float | None, n_fft: int, hop: int) -> Waveform:
    """Cut silence from both ends.

    Args:
        samples: float32 [samples].
        trim_db: how far below the loudest window a window must be to count as silence; None keeps it all.
        n_fft: samples in a window.
        hop: samples between windows.
    """
    if trim_db is None:
        return samples
    import librosa

    trimmed, _ = librosa.effects.trim(samples, top_db=trim_db, frame_length=n_fft, hop_length=hop)
    return np.asarray(trimmed, dtype=np.float32)


def _refuse_cut(path: Path) -> None:
    """Refuse an empty file, and a wav file that ends before its header says; libsndfile reads the latter silently."""
    if path.stat().st_size == 0:
        raise BadClipError(f"{path}: an empty file")
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            return
        promised = _data_size(file)
        present = path.stat().st_size - file.tell()
    if promised is not None and promised not in UNKNOWN_SIZES and present < promised:
        raise BadClipError(f"{path}: cut short: its header promises {promised} bytes of sound, and {present} are there")


def _data_size(file: BinaryIO) -> int | None:
    """Walk a wav file's chunks to its samples; return the size that the header gives them."""
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return size
        file.seek(size + size % 2, 1)
    return None
