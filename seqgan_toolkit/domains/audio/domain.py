"""The audio domain: log-mel frames, or their tokens, back to waveforms, wav files and a sheet of spectrograms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch

from seqgan_toolkit.domains.audio.decoder import PIECE_FRAMES, Decoder, finish, finish_pieces
from seqgan_toolkit.domains.audio.features import DEFINITION, FeatureSpec, FrameScale, LogMel
from seqgan_toolkit.domains.audio.griffin_lim import GriffinLim
from seqgan_toolkit.domains.audio.reading import Waveform
from seqgan_toolkit.domains.audio.sheet import COLUMNS, SHEET_CLIPS, STRIP_CLIPS, draw_sheet
from seqgan_toolkit.domains.quantiser import Quantiser
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch, TokenSpace

DECODE_BATCH = 64
"""Clips rebuilt at once: enough to keep the transforms busy, few enough that thousands of clips fit in memory."""
CPU_BATCH = 16
"""The same on a CPU, where more would not stay in its cache."""


class AudioDomain:
    """Log-mel frames of one feature specification, on the scale of one training split.

    Args:
        spec: what the frames are made of.
        scale: how they are mapped to [-1, 1].
        quantiser: makes tokens of them; None where the sequences are the frames.
    """

    kind: ClassVar[str] = "audio"

    def __init__(self, spec: FeatureSpec, scale: FrameScale, quantiser: Quantiser | None = None) -> None:
        self.spec = spec
        self.scale = scale
        self.quantiser = quantiser
        self._log_mel = LogMel(spec)
        self.decoder: Decoder = self.griffin_lim("cpu")

    def griffin_lim(self, device: torch.device | str) -> GriffinLim:
        """Return the decoder that needs no training, on a device."""
        return GriffinLim(self.spec, self.scale, self._log_mel.filter_bank, device=device)

    def decoding_with(self, decoder: Decoder) -> AudioDomain:
        """Return the same domain with another decoder."""
        other = AudioDomain(self.spec, self.scale, self.quantiser)
        other.decoder = decoder
        return other

    @property
    def space(self) -> FrameSpace | TokenSpace:
        """The space of the frames, `num_mels` values in [-1, 1], or of the quantiser's tokens."""
        return self.scale.space if self.quantiser is None else self.quantiser.space

    def state(self) -> dict[str, Any]:
        """Return plain data (JSON) from which `from_state` rebuilds this domain exactly."""
        scale = {"floor": self.scale.floor, "tops": list(self.scale.tops)}
        quantiser = {} if self.quantiser is None else {"quantiser": self.quantiser.state()}
        return {"definition": DEFINITION, "spec": asdict(self.spec), "scale": scale, **quantiser}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Rebuild the domain that `state` described.

        Raises:
            UserError: its frames mean something else than this version computes.
        """
        found = state.get("definition", "log-mel 1")
        if found != DEFINITION:
            raise UserError(
                f"these frames are '{found}', and this version computes '{DEFINITION}': prepare and train again"
            )
        scale = FrameScale(state["scale"]["floor"], tuple(state["scale"]["tops"]))
        quantiser = Quantiser.from_state(state["quantiser"]) if "quantiser" in state else None
        return cls(FeatureSpec(**state["spec"]), scale, quantiser)

    def frames(self, batch: SequenceBatch) -> SequenceBatch:
        """Return the frames [B, T, F] that a batch stands for, on the CPU: its own, or those of its tokens."""
        on_cpu = batch.detach().to("cpu")
        return on_cpu if self.quantiser is None else self.quantiser.decode(on_cpu)

    def decode(self, batch: SequenceBatch) -> list[Waveform]:
        """Rebuild waveforms, each float32 [length * hop] in [-1, 1]; the same frames give the same samples."""
        waveforms = {index: np.concatenate(list(pieces)) for index, pieces in self._decoded(batch)}
        return [waveforms[index] for index in range(len(batch))]

    def _decoded(self, batch: SequenceBatch) -> Iterator[tuple[int, Iterable[Waveform]]]:
        """Yield the row of every clip, in the order of their lengths, and its samples, in pieces where it is long."""
        frames = self.frames(batch)
        at_once = CPU_BATCH if self.decoder.device.type == "cpu" else DECODE_BATCH
        for chosen in torch.split(frames.lengths.argsort(stable=True), at_once):
            short = chosen[frames.lengths[chosen] <= PIECE_FRAMES]
            for index, clip in zip(short.tolist(), self._decode_together(frames.rows(short)), strict=True):
                yield index, [clip]
            for index in chosen[frames.lengths[chosen] > PIECE_FRAMES].tolist():
                yield index, self.stream(frames.values[index, : frames.lengths[index]])

    def _decode_together(self, frames: SequenceBatch) -> list[Waveform]:
        if not len(frames):
            return []
        part = frames.to(self.decoder.device)
        samples = self.decoder.whole(part.values[:, : int(part.lengths.max())].float(), part.lengths)
        clips = zip(samples, part.lengths.tolist(), strict=True)
        return [finish(row[: length * self.spec.hop], self.spec.sample_rate).cpu().numpy() for row, length in clips]

    def stream(self, frames: torch.Tensor) -> Iterator[Waveform]:
        """Yield the samples of one clip [T, F] of any length piece by piece, in memory that does not grow with it."""
        pieces = self.decoder.pieces(frames.detach().to(self.decoder.device).float())
        return (piece.cpu().numpy() for piece in finish_pieces(pieces, self.spec.sample_rate))

    def write(self, artefacts: list[Waveform], directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write `clip-0000.wav` …, 16-bit PCM, and `spectrograms.png` of the first of them; return the paths."""
        return self._write(((index, [clip]) for index, clip in enumerate(artefacts)), directory, captions)

    def write_decoded(self, batch: SequenceBatch, directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Decode and write as `write` does, a few clips or a piece of a long one at a time: memory stays bounded."""
        return self._write(self._decoded(batch), directory, captions)

    def preview(self, artefacts: list[Waveform], directory: Path, captions: Sequence[str] = ()) -> Path:
        """Write the clips, to be heard, and their sheet, to be seen; return the sheet."""
        return self.write(artefacts, directory, captions)[-1]

    def strips(self, artefacts: list[Waveform], directory: Path, length: int, captions: Sequence[str] = ()) -> Path:
        """Draw the first strips, each `length` clips in a row, as `strips.png`; return its path."""
        shown = artefacts[: length * max(1, STRIP_CLIPS // length)]
        return self._draw(shown, directory / "strips.png", captions, columns=length)

    def _write(
        self, clips: Iterable[tuple[int, Iterable[Waveform]]], directory: Path, captions: Sequence[str]
    ) -> list[Path]:
        """Write clips, each with its index, as their pieces come, and a sheet of the first pieces."""
        import soundfile

        directory.mkdir(parents=True, exist_ok=True)
        paths: dict[int, Path] = {}
        shown: dict[int, Waveform] = {}
        for index, pieces in clips:
            paths[index] = directory / f"clip-{index:04d}.wav"
            with soundfile.SoundFile(paths[index], "w", self.spec.sample_rate, channels=1, subtype="PCM_16") as file:
                for piece in pieces:
                    file.write(piece)
                    if index < SHEET_CLIPS:
                        shown.setdefault(index, piece)
        sheet = self._draw([shown[index] for index in sorted(shown)], directory / "spectrograms.png", captions)
        return [*(paths[index] for index in sorted(paths)), sheet]

    def _draw(self, clips: list[Waveform], path: Path, captions: Sequence[str], columns: int = COLUMNS) -> Path:
        """Draw the log-mel spectrograms of clips on one scale."""
        frames = [self._log_mel(torch.from_numpy(np.asarray(clip, dtype=np.float32))).numpy() for clip in clips]
        return draw_sheet(frames, self.spec, path, captions=captions, columns=columns)
