"""From raw data to a corpus."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.build.data import prepare_corpus
from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.stages.directory import RunDirectory


def prepare(recipe: Recipe, out: Path, *, data_root: Path | None = None) -> Corpus:
    """Write the corpus of a recipe into its run directory, unless it is there.

    Args:
        recipe: the recipe.
        out: the run directory.
        data_root: the folder in which named data sets are looked for first.

    Raises:
        UserError: the data are at fault, or the directory is another recipe's.
    """
    directory = RunDirectory(out)
    directory.claim(recipe)
    if Corpus.exists(directory.corpus):
        say(f"{directory.corpus} is already prepared")
        if _changed_since(Path(recipe.data.source).expanduser(), directory.corpus):
            say(
                f"warning: {recipe.data.source} has changed since, and {directory.corpus} holds what it was then: give "
                "another --out to learn from what it is now"
            )
        return Corpus(directory.corpus)
    say(f"preparing {recipe.data.source}")
    corpus = prepare_corpus(recipe.data, directory.corpus, data_root=data_root, seed=recipe.seed)
    counts = ", ".join(f"{len(store)} {split}" for split, store in corpus.splits.items())
    say(f"prepared {counts} sequences of up to {corpus.max_length} steps in {directory.corpus}")
    return corpus


def _changed_since(source: Path, corpus: Path) -> bool:
    """Tell whether a file, or a file of a folder, was written after the corpus; a built-in source never is."""
    prepared = (corpus / "corpus.json").stat().st_mtime
    files = source.rglob("*") if source.is_dir() else [source] if source.is_file() else []
    return any(file.stat().st_mtime > prepared for file in files)
