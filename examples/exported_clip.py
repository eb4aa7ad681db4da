"""A clip from an exported model of sounds.

seqgan-toolkit export runs/audio_lstm notes.zip
python examples/exported_clip.py notes.zip --label midi-69
"""

import argparse
from collections.abc import Sequence

import seqgan_toolkit as sg


def main(arguments: Sequence[str] | None = None) -> None:
    """Generate one clip from a file, and print where it is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="what `seqgan-toolkit export` wrote")
    parser.add_argument("--label", help="the class; one of them all when left out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", default="clip")
    chosen = parser.parse_args(arguments)
    run = sg.load_artefact(chosen.model)
    clip, *_ = sg.generate(run.directory, num=1, seed=chosen.seed, label=chosen.label, out=chosen.out)
    print(clip)


if __name__ == "__main__":
    main()
