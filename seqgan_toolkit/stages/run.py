"""The main job: everything from raw data to samples and figures."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.evaluation_table import table
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.metrics.real_data import reference_split
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.evaluate import evaluate
from seqgan_toolkit.stages.generate import generate
from seqgan_toolkit.stages.train import train

NUM_GENERATED = 20


def run(recipe: Recipe, out: Path, *, data_root: Path | None = None) -> None:
    """Prepare, train, generate and evaluate; what is done already is not done again.

    Args:
        recipe: the recipe.
        out: the run directory.
        data_root: the folder in which named data sets are looked for first.

    Raises:
        UserError: recipe, data or directory are at fault.
        KeyboardInterrupt: after a checkpoint, when the user stopped it.
    """
    if not train(recipe, out, data_root=data_root):
        return
    directory = RunDirectory(out)
    if (directory.generated / "samples.json").is_file():
        say(f"{directory.generated} is already there")
    else:
        generate(out, Wanted(num=NUM_GENERATED, seed=recipe.seed))
    if directory.evaluation().is_file():
        say(f"{directory.evaluation()} is already there")
    elif reference_split(Corpus(directory.corpus)) == "test":
        evaluate(out)
    else:
        say(f"{directory.corpus}: there is no test split to measure against, so that there are no figures")
        print(f"samples: {directory.generated}")
        return
    for line in table(directory.read_evaluation()):
        print(line)
    print(f"samples: {directory.generated}\nfigures: {directory.evaluation()}")
