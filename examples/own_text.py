"""Your own text in, new sentences out.

    python examples/own_text.py my_text.txt          # one sentence a line; .gz and .jsonl work too

The sizes here are for a look at how it goes; for results, run a recipe with `data.source=my_text.txt` as it is.
"""

import argparse
from collections.abc import Sequence

import seqgan_toolkit as sg


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on a file, and print 16 sentences of the model before and after the adversarial phase."""
    parser = argparse.ArgumentParser()
    parser.add_argument("text", help="a file with one sentence a line")
    parser.add_argument("--steps", type=int, default=600, help="of teacher forcing; a tenth of it adversarial")
    parser.add_argument("--out", default="runs/example_own_text")
    chosen = parser.parse_args(arguments)
    few = max(1, chosen.steps // 10)
    overrides = {
        "data.source": chosen.text,
        "data.max_length": 30,
        "data.vocabulary_size": 5000,
        "generator.hidden_dim": 128,
        # A batch may not be larger than the data.
        "teacher_forcing.batch_size": 32,
        "teacher_forcing.steps": chosen.steps,
        "adversarial.batch_size": 32,
        "adversarial.steps": few,
        "adversarial.pretraining_steps": few,
    }
    run = sg.train("text_lstm", overrides=overrides, out=chosen.out)
    for model in ("teacher_forced", "adversarial"):
        print(f"{model}:", *run.generate(16, model=model), sep="\n  ")


if __name__ == "__main__":
    main()
