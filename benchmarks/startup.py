"""How long `seqgan-toolkit --help` takes, and whether it imports torch.

python benchmarks/startup.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 7
COMMAND = [sys.executable, "-m", "seqgan_toolkit", "--help"]


def seconds(command: list[str]) -> float:
    """Run a command and return how long it took on the clock."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begin


def imports_torch() -> bool:
    """Tell whether the help imports torch: `-X importtime` names every module that is imported."""
    command = [sys.executable, "-X", "importtime", *COMMAND[1:]]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    return any(line.rpartition("|")[2].strip().partition(".")[0] == "torch" for line in listing.splitlines())


def main() -> None:
    helps, bare = [], []
    for _ in range(ROUNDS):
        helps.append(seconds(COMMAND))
        bare.append(seconds([sys.executable, "-c", "pass"]))
    print(f"--help: {statistics.median(helps):.3f} s ({min(helps):.3f} to {max(helps):.3f}), median of {ROUNDS}")
    print(f"python that does nothing: {statistics.median(bare):.3f} s; torch imported: {imports_torch()}")


if __name__ == "__main__":
    main()
