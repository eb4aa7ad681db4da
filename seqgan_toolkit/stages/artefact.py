"""One file that generates: a finished model without what only training needs, packed as the smallest run directory."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

import torch

from seqgan_toolkit.build.backward import AVERAGE
from seqgan_toolkit.data.named import cache_directory
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.recipe.schema import Ensemble
from seqgan_toolkit.stages.directory import TILTED, RunDirectory
from seqgan_toolkit.stages.model import models_of
from seqgan_toolkit.training.checkpoints import load


def export(run_dir: Path, file: Path, *, model: str | None = None) -> Path:
    """Write a finished model as one file: recipe, weights, facts of the data, the domain's state, a vocoder.

    Args:
        run_dir: the run directory.
        file: the file, a zip archive.
        model: such as `adversarial`; the last one that is finished when None.

    Raises:
        UserError: there is no such model, or it is an ensemble, whose members are other runs.
    """
    directory = RunDirectory(run_dir)
    if isinstance(directory.recipe().generator, Ensemble):
        raise UserError(
            f"{run_dir}: an ensemble is made of other runs, which one file does not hold: export its members"
        )
    finished = models_of(directory)
    if not finished or (model is not None and model not in finished):
        wanted = "model" if model is None else f"model '{model}'"
        raise UserError(f"{run_dir} has no finished {wanted} to export; it has {', '.join(finished) or 'none'}")
    with atomic_path(file) as temporary, ZipFile(temporary, "w") as archive:
        for name, content in _contents(directory, model or finished[-1]):
            # Without a date, so that the same model is the same file.
            archive.writestr(ZipInfo(name), content)
    return file


def unpack(file: Path) -> Path:
    """Unpack an exported model into the cache, unless it is there, and return its run directory.

    Raises:
        UserError: it is not an exported model.
    """
    if not file.is_file():
        raise UserError(f"{file}: no such file")
    with open(file, "rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    target = cache_directory() / "artefacts" / digest
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        unpacked = Path(scratch) / "run"
        try:
            with ZipFile(file) as archive:
                archive.extractall(unpacked)
        except BadZipFile as error:
            raise UserError(f"{file}: this is not a model that 'seqgan-toolkit export' wrote ({error})") from error
        if not models_of(RunDirectory(unpacked)):
            raise UserError(f"{file}: this archive holds no model that 'seqgan-toolkit export' wrote")
        unpacked.rename(target)
    return target


def _contents(directory: RunDirectory, model: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of every file of the archive."""
    yield directory.recipe_file.name, directory.recipe_file.read_bytes()
    path = directory.phase_checkpoint(model)
    state = load(path)
    averages = ["average", AVERAGE] if model == "backward" else ["average"]
    parts = {name: {"weights": state["parts"][name]["weights"]} for name in averages}
    if model in TILTED:
        parts["residual.best"] = state["parts"]["residual.best"]
    written = io.BytesIO()
    torch.save({"facts": state["facts"], "domain": state["domain"], "parts": parts}, written)
    yield f"{path.parent.name}/{path.name}", written.getvalue()
    for travelling in sorted(directory.vocoder.path.rglob("*")):
        if travelling.is_file():
            yield travelling.relative_to(directory.path).as_posix(), travelling.read_bytes()
