"""The Python API: the verbs of the command line as functions, and a handle on a finished run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgan_toolkit.data.source import HeldOut
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import read_json
from seqgan_toolkit.generation import Wanted
from seqgan_toolkit.recipe.loading import load_recipe, override_recipe
from seqgan_toolkit.recipe.overrides import Overrides
from seqgan_toolkit.recipe.schema import Recipe
from seqgan_toolkit.run_path import check_run

if TYPE_CHECKING:
    from seqgan_toolkit.data.corpus import Corpus

RecipeLike = Recipe | str | Path
"""A recipe, the path of one, or the name of one that comes with the package."""


@dataclass(frozen=True)
class Run:
    """A run directory that holds a trained model.

    Attributes:
        directory: where everything about the run lies.
    """

    directory: Path

    def generate(
        self,
        num: int = 16,
        *,
        seed: int = 0,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float = 1.0,
        beam: int | None = None,
        reject: float | None = None,
        label: str | None = None,
        model: str | None = None,
        interpolate: int | None = None,
        seconds: float | None = None,
        again: str | Path | None = None,
        index: int | None = None,
        decoder: str | None = None,
    ) -> list[Any]:
        """Generate, and keep the results in memory.

        Args:
            num: how many.
            seed: the same seed gives the same results on one machine.
            temperature: of the token distribution; below 1 is more cautious, 0 takes the most likely token.
            top_k: only so many of the most likely tokens may be drawn at a step.
            top_p: only the smallest set of most likely tokens that reaches this probability may be drawn.
            beam: search for the most likely sentences with so many hypotheses, in place of drawing; without noise the
                best `num` different ones of a label.
            reject: keep this share of what is drawn, the best by the score of the run's discriminator.
            label: the class to generate; all classes in turn when None.
            model: such as `adversarial` or `teacher_forced`; the last one of the run when None.
            interpolate: in place of `num`, a strip of so many for each label, on the way from one noise to another.
            seconds: audio: how long every clip is, also longer than any training clip; drawn when None.
            again: a `samples.json`: make its sample `index` once more, alone, from the same noise; `label` changes its
                class.
            index: which sample of `again`.
            decoder: audio: `griffin_lim` or the directory of a vocoder's run; the run's own when None.

        Returns:
            Sentences (str), waveforms (float32 [samples]), images (uint8 [H, W] or [H, W, C]), series (`values`
            float64 [T, C] in the table's units, `static` [S] and `label`), or tunes (`notes` with onset, pitch,
            duration and velocity, `ticks_per_beat` and `beats_per_minute`).

        Raises:
            UserError: there is no such model, label or run.
        """
        from seqgan_toolkit import stages

        drawn = (num, seed, temperature, top_k, top_p, beam, reject, label, model)
        wanted = Wanted(
            *drawn, interpolate=interpolate, seconds=seconds, again=_path(again), index=index, decoder=decoder
        )
        return list(stages.sample(self.directory, wanted))

    def evaluate(self, num: int | None = None, *, split: HeldOut = "test", **wanted: bool | None) -> dict[str, Any]:
        """Measure the run's models and write `evaluation.json`; see `seqgan_toolkit.evaluate`."""
        return evaluate(self.directory, num=num, split=split, **wanted)

    @property
    def evaluation(self) -> dict[str, Any]:
        """What `evaluation.json` says, the figures against the test split.

        Raises:
            UserError: the run has not been evaluated.
        """
        path = self.directory / "evaluation.json"
        if not path.is_file():
            raise UserError(f"{self.directory}: there is no evaluation.json: call evaluate() first")
        return dict(read_json(path))


def prepare(
    recipe: RecipeLike,
    *,
    overrides: Overrides = (),
    out: str | Path | None = None,
    data_root: str | Path | None = None,
) -> Corpus:
    """Turn the recipe's raw data into a corpus of sequences on disk.

    Args:
        recipe: a recipe, its path, or the name of one that comes with the package.
        overrides: `{"dotted.key": value}` or `["dotted.key=value"]`.
        out: the run directory; `runs/` and the recipe's name when None.
        data_root: the folder that holds named data sets.

    Raises:
        UserError: the recipe or the data are at fault.
    """
    from seqgan_toolkit import stages

    resolved = validate(recipe, overrides=overrides)
    return stages.prepare(resolved, run_directory(resolved, out), data_root=_path(data_root))


def train(
    recipe: RecipeLike,
    *,
    overrides: Overrides = (),
    out: str | Path | None = None,
    data_root: str | Path | None = None,
) -> Run:
    """Prepare the data where that is still to be done, and train; arguments as for `prepare`."""
    from seqgan_toolkit import stages

    resolved = validate(recipe, overrides=overrides)
    directory = run_directory(resolved, out)
    stages.train(resolved, directory, data_root=_path(data_root))
    return Run(directory)


def run(
    recipe: RecipeLike,
    *,
    overrides: Overrides = (),
    out: str | Path | None = None,
    data_root: str | Path | None = None,
) -> Run:
    """Go from raw data to samples and figures: prepare, train, generate, evaluate; arguments as for `prepare`."""
    from seqgan_toolkit import stages

    resolved = validate(recipe, overrides=overrides)
    directory = run_directory(resolved, out)
    stages.run(resolved, directory, data_root=_path(data_root))
    return Run(directory)


def load(directory: str | Path) -> Run:
    """Open a run directory.

    Raises:
        UserError: it is not one.
    """
    path = Path(directory)
    check_run(path)
    return Run(path)


def export(directory: str | Path, file: str | Path, *, model: str | None = None) -> Path:
    """Write a finished model of a run as one file, without what only training needs, and return its path.

    Args:
        directory: the run directory.
        file: the file, a zip archive of the smallest run directory.
        model: such as `adversarial`; the last one that is finished when None.

    Raises:
        UserError: there is no such model, or it is an ensemble, whose members are other runs.
    """
    from seqgan_toolkit import stages

    return stages.export(load(directory).directory, Path(file), model=model)


def load_artefact(file: str | Path) -> Run:
    """Open a model that `export` wrote; it generates as its run does (it is unpacked into the cache once).

    Raises:
        UserError: it is not such a file.
    """
    from seqgan_toolkit import stages

    return Run(stages.unpack(Path(file)))


def generate(
    directory: str | Path,
    *,
    num: int = 16,
    seed: int = 0,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float = 1.0,
    beam: int | None = None,
    reject: float | None = None,
    label: str | None = None,
    stitched: bool = False,
    out: str | Path | None = None,
    model: str | None = None,
    interpolate: int | None = None,
    seconds: float | None = None,
    again: str | Path | None = None,
    index: int | None = None,
    decoder: str | None = None,
) -> list[Path]:
    """Generate from a run, and write the results as files.

    Args:
        directory: the run directory, or a file that `export` wrote.
        num: how many.
        seed: the same seed gives the same bytes on one machine.
        temperature: of the token distribution; below 1 is more cautious, 0 takes the most likely token.
        top_k: only so many of the most likely tokens may be drawn at a step.
        top_p: only the smallest set of most likely tokens that reaches this probability may be drawn.
        beam: search for the most likely sentences with so many hypotheses, in place of drawing; without noise the
            best `num` different ones of a label.
        reject: keep this share of what is drawn, the best by the score of the run's discriminator.
        label: the class to generate; all classes in turn when None.
        stitched: series: also join all windows into one long series, `stitched.csv`.
        out: where the files go; when None a folder within the run directory, or beside the file of an export.
        model: such as `adversarial` or `teacher_forced`; the last one of the run when None.
        interpolate: in place of `num`, a strip of so many for each label, on the way from one noise to another; images
            and clips have `strips.png` too.
        seconds: audio: how long every clip is, also longer than any training clip; drawn when None.
        again: a `samples.json`: make its sample `index` once more, alone, from the same noise; `label` changes its
            class.
        index: which sample of `again`.
        decoder: audio: `griffin_lim` or the directory of a vocoder's run; the run's own when None.

    Returns:
        The files that were written.

    Raises:
        UserError: there is no such model, label or run.
    """
    from seqgan_toolkit import stages

    drawn = (num, seed, temperature, top_k, top_p, beam, reject, label, model)
    wanted = Wanted(
        *drawn,
        stitched=stitched,
        interpolate=interpolate,
        seconds=seconds,
        again=_path(again),
        index=index,
        decoder=decoder,
    )
    path = Path(directory)
    if path.is_file():
        target = _path(out) or path.with_name(f"{path.stem}-generated")
        return stages.generate(load_artefact(path).directory, wanted, out=target)
    return stages.generate(load(path).directory, wanted, out=_path(out))


def evaluate(
    directory: str | Path,
    *,
    num: int | None = None,
    curve: bool | None = None,
    language_model: bool | None = None,
    train_on_synthetic: bool | None = None,
    split: HeldOut = "test",
) -> dict[str, Any]:
    """Measure the models of a run against held-out real data, and write `evaluation.json`.

    Args:
        directory: the run directory.
        num: how many sequences to generate and score; what the recipe says when None, here and below.
        curve: text: sweep the temperature too, and write `curve.json` and `curve.png`.
        language_model: text: train language models to measure with.
        train_on_synthetic: frames: train networks on generated sequences and test them on real ones.
        split: what to measure against. `valid` leaves the test split unread, so that settings can be chosen by the
            figures; its files are `evaluation-valid.json`, `curve-valid.json` and `curve-valid.png`.

    Returns:
        The content of `evaluation.json`.

    Raises:
        UserError: it is not a run directory, nothing is trained yet, or the split has fewer than two sequences.
    """
    from seqgan_toolkit import stages

    return stages.evaluate(
        load(directory).directory,
        num=num,
        curve=curve,
        language_model=language_model,
        train_on_synthetic=train_on_synthetic,
        split=split,
    )


def validate(recipe: RecipeLike, *, overrides: Overrides = ()) -> Recipe:
    """Load a recipe and check every key and value.

    Raises:
        UserError: with every problem, each on a line with file and line number.
    """
    return override_recipe(recipe, overrides) if isinstance(recipe, Recipe) else load_recipe(recipe, overrides)


def run_directory(recipe: Recipe, out: str | Path | None) -> Path:
    """Return where a run goes: `out`, or `runs/` and the recipe's name."""
    return Path("runs") / recipe.name if out is None else Path(out)


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)
