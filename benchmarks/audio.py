"""Speed of audio: features, Griffin-Lim, and the way from a trained generator to wav files.

python benchmarks/audio.py

Features and Griffin-Lim are compared with librosa's functions, which take a clip at a time, in the same process.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import librosa
import numpy as np
import soundfile
import torch
from timing import in_turns, ratio

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.domains.audio import AudioDomain, ClipStore, FeatureSpec, PlucksSource, prepare_audio
from seqgan_toolkit.domains.audio.features import LogMel
from seqgan_toolkit.domains.audio.griffin_lim import ITERATIONS, MOMENTUM, SMALLEST_SINGULAR_VALUE, GriffinLim
from seqgan_toolkit.domains.audio.reading import Waveform

NUM_CLIPS = 64
RATE = 8000
SPEC = FeatureSpec()
"""Windows of 256 samples, a hop of 64, 64 mels."""
GENERATOR = {
    "hidden_dim": 256,
    "head_dim": 256,
    "frames_per_step": 2,
    "postnet_dim": 64,
    "reach": 1.2,
}
"""That of egs/fsdd."""


def librosa_features(clips: Sequence[Waveform]) -> None:
    settings = {"n_fft": SPEC.n_fft, "hop_length": SPEC.hop, "n_mels": SPEC.num_mels, "power": 1.0, "htk": True}
    for clip in clips:
        np.log(librosa.feature.melspectrogram(y=clip, sr=RATE, norm=None, **settings) + 1e-7)


def librosa_griffin_lim(mels: Sequence[np.ndarray], inverse: np.ndarray) -> None:
    """Rebuild clips from mel magnitudes [T, F]; librosa's own way to linear ones (least squares) is slower still."""
    for mel in mels:
        magnitudes = np.maximum(mel @ inverse, 0).T
        librosa.griffinlim(
            magnitudes, n_iter=ITERATIONS, momentum=MOMENTUM, hop_length=SPEC.hop, n_fft=SPEC.n_fft, random_state=0
        )


def compare(corpus: Corpus, rounds: int) -> None:
    """Print features and Griffin-Lim in clips a second, beside librosa's."""
    domain, log_mel = AudioDomain.from_state(corpus.domain_state), LogMel(SPEC)
    batch, store = corpus.splits["train"].head(NUM_CLIPS), ClipStore(corpus.directory, "train")
    clips = [store[index] for index in range(len(batch))]
    seconds = sum(map(len, clips)) / len(clips) / RATE
    print(f"{len(clips)} clips of {seconds:.2f} s on average, {torch.get_num_threads()} thread(s)")
    theirs, ours = in_turns(lambda: librosa_features(clips), lambda: log_mel.many(clips), 8 * rounds)
    print(f"features: {ours.rate(len(clips))}, librosa {theirs.rate(len(clips))}: {ratio(theirs, ours)}", flush=True)
    inverse = torch.linalg.pinv(log_mel.filter_bank, rtol=SMALLEST_SINGULAR_VALUE).numpy()
    scaled = [frames[:length] for frames, length in zip(batch.values, batch.lengths.tolist(), strict=True)]
    mels = [domain.scale.unscale(frames).exp().numpy() for frames in scaled]
    alone = domain.decoding_with(GriffinLim(domain.spec, domain.scale, log_mel.filter_bank, fit_steps=0))
    for name, decoding in (("Griffin-Lim", alone), ("Griffin-Lim and the descent", domain)):
        theirs, ours = in_turns(lambda: librosa_griffin_lim(mels, inverse), partial(decoding.decode, batch), rounds)
        print(f"{name}: {ours.rate(len(clips))}, librosa {theirs.rate(len(clips))}: {ratio(theirs, ours)}", flush=True)


def generate(folder: Path, count: int, threads: int) -> None:
    """Print how long `generate` takes for one-second clips, start and wav files included; weights are untrained."""
    sounds = folder / "sounds" / "one"
    sounds.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for index in range(40):
        soundfile.write(sounds / f"{index}.wav", rng.uniform(-0.5, 0.5, RATE), RATE)
    command = [sys.executable, "-m", "seqgan_toolkit"]
    run = folder / "run"
    settings = [f"generator.{name}={value}" for name, value in GENERATOR.items()]
    data = [f"data.source={sounds.parent}", "data.trim_db=null", "data.hop=64"]
    small = ["adversarial.steps=1", "adversarial.batch_size=4", f"threads={threads}", "device=cpu"]
    subprocess.run([*command, "train", "audio_lstm", *settings, *data, *small, "--out", str(run)], check=True)
    begin, before = time.perf_counter(), children_cpu()
    subprocess.run([*command, "generate", str(run), "--num", str(count)], check=True, stdout=subprocess.DEVNULL)
    wall, cpu = time.perf_counter() - begin, children_cpu() - before
    sound = sum(soundfile.info(path).duration for path in (run / "generated").glob("clip-*.wav"))
    print(
        f"generate: {count} clips, {sound:.0f} s of sound, in {wall:.1f} s by the clock ({sound / wall:.0f} times real "
        f"time) and {cpu:.1f} s of CPU time, {threads} thread(s)"
    )


def children_cpu() -> float:
    """Return the seconds of CPU time that finished child processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=1000, help="Clips to generate.")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1), help="Of the generating process.")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        source = PlucksSource(num_clips=NUM_CLIPS, sample_rate=RATE, seed=0)
        compare(prepare_audio(source, Path(folder) / "corpus", SPEC, seed=0), arguments.rounds)
        generate(Path(folder), arguments.clips, arguments.threads)


if __name__ == "__main__":
    main()
