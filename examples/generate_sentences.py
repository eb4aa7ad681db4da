"""Trains a small text GAN on the built-in grammar, or opens a finished run, and prints 16 sentences.

python examples/generate_sentences.py                        # trains a small one
python examples/generate_sentences.py --run runs/text_lstm   # after: seqgan-toolkit run text_lstm
"""

import argparse
from collections.abc import Sequence

import seqgan_toolkit as sg


def main(arguments: Sequence[str] | None = None) -> None:
    """Print 16 sentences."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", help="a run directory; without it one is trained")
    parser.add_argument("--steps", type=int, default=400, help="of teacher forcing, and a tenth adversarial")
    parser.add_argument("--out", default="runs/example_sentences", help="where the small one goes")
    chosen = parser.parse_args(arguments)
    few = max(1, chosen.steps // 10)
    steps = {"teacher_forcing.steps": chosen.steps, "adversarial.pretraining_steps": few, "adversarial.steps": few}
    small = {"data.num_sentences": 4000, **steps}
    run = sg.load(chosen.run) if chosen.run else sg.train("text_lstm", overrides=small, out=chosen.out)
    for sentence in run.generate(16, seed=1):
        print(sentence)


if __name__ == "__main__":
    main()
