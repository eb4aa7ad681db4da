"""Time, memory and disk of preparing many hours of short clips.

python benchmarks/prepare_clips.py --hours 10
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from prepare import measure_prepare

from seqgan_toolkit.domains.audio import PlucksSource

NUM_DISTINCT = 480
"""Different notes that the clips are cut from, so that making them takes less time than preparing them."""
RATE = 16_000
"""Hz of the files, twice that of the recipe: every clip is resampled."""


def write_clips(folder: Path, hours: float) -> int:
    """Write 16-bit wav files of 0.3 to 1 second, 1,000 in a folder, until they make up `hours`; return how many."""
    rng = np.random.default_rng(1)
    notes = [item.value.samples for item in PlucksSource(num_clips=NUM_DISTINCT, sample_rate=RATE).items("train")]
    samples = count = 0
    while samples < hours * 3600 * RATE:
        label = folder / f"{count // 1000:04d}"
        label.mkdir(parents=True, exist_ok=True)
        pair = np.concatenate([notes[index] for index in rng.integers(NUM_DISTINCT, size=2)])
        clip = pair[: rng.integers(int(0.3 * RATE), RATE)]
        soundfile.write(label / f"{count:06d}.wav", clip, RATE, subtype="PCM_16")
        samples, count = samples + len(clip), count + 1
    return count


def size_of(folder: Path) -> float:
    """Return the megabytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=10)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder, run = Path(temporary) / "clips", Path(temporary) / "run"
        count = write_clips(folder, arguments.hours)
        print(f"{arguments.hours:g} hours in {count:,} files of {size_of(folder):,.0f} MB", flush=True)
        print(measure_prepare(["audio_lstm", f"data.source={folder}", "--out", str(run)]))
        kinds = {"frames": "*.values.bin", "waveforms": "*.clips.bin"}
        sizes = {kind: sum(path.stat().st_size for path in (run / "corpus").glob(name)) for kind, name in kinds.items()}
        print(", ".join(f"{kind} {size / 1e6:,.0f} MB" for kind, size in sizes.items()))


if __name__ == "__main__":
    main()
