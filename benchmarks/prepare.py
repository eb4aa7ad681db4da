"""Time and memory of preparing a large text file.

python benchmarks/prepare.py --megabytes 1000
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from seqgan_toolkit.domains.text.grammar import english

NUM_DISTINCT = 20_000
"""Different sentences of the grammar that the file is mixed from."""
NUM_WORDS = 2_000_000
"""Made-up rare words, one in a line, so that the vocabulary of the file is as wide as real text's."""


def write_text(path: Path, size: int) -> int:
    """Write random sentences, one a line, until the file has `size` bytes; return how many lines it has."""
    rng = np.random.default_rng(1)
    sentences = [english().sample(rng) for _ in range(NUM_DISTINCT)]
    written = lines = 0
    with open(path, "w", encoding="utf-8") as file:
        while written < size:
            chosen = rng.integers(NUM_DISTINCT, size=50_000).tolist()
            words = rng.integers(NUM_WORDS, size=50_000).tolist()
            block = "".join(f"w{word} {sentences[index]}\n" for index, word in zip(chosen, words, strict=True))
            written += file.write(block)
            lines += len(chosen)
    return lines


def measure_prepare(words: list[str]) -> str:
    """Run `seqgan-toolkit prepare` with these words, and describe the time and the memory that it took."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "seqgan_toolkit", "prepare", *words], check=True)
    wall = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    return f"prepare: {wall:.0f} s by the clock, {cpu:.0f} s of CPU time, peak {used.ru_maxrss / 1e3:,.0f} MB of memory"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--tokenizer", default="word")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.txt"
        lines = write_text(path, arguments.megabytes * 10**6)
        print(f"{path.stat().st_size / 1e6:,.0f} MB of text, {lines:,} lines", flush=True)
        words = ["text_lstm", f"data.source={path}", f"data.tokenizer={arguments.tokenizer}"]
        print(measure_prepare([*words, "--out", f"{folder}/run"]))


if __name__ == "__main__":
    main()
