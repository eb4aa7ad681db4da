"""From a corpus to a trained model, going on from the last checkpoint where there is one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from seqgan_toolkit.build.alarms import make_alarms
from seqgan_toolkit.build.data import domain_from_state
from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.phases import make_state
from seqgan_toolkit.build.transfer import Taught, transfer
from seqgan_toolkit.build.workshop import Workshop, choose_device
from seqgan_toolkit.console import say
from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.recipe.differences import NAMED_DIFFERENCES, different_values
from seqgan_toolkit.recipe.schema import InitFrom, Recipe
from seqgan_toolkit.stages.best import BestModel
from seqgan_toolkit.stages.board import open_board
from seqgan_toolkit.stages.decoder import adopt_vocoder, check_vocoder, domain_of
from seqgan_toolkit.stages.directory import RunDirectory
from seqgan_toolkit.stages.model import TrainedModel, read_model, sampler_of
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.training.checkpoints import Checkpoints
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.ema import MovingAverage
from seqgan_toolkit.training.logs import RunLog, SilentLog
from seqgan_toolkit.training.loop import Loop, Rhythm
from seqgan_toolkit.training.state import TrainingState


def train(recipe: Recipe, out: Path, *, data_root: Path | None = None) -> bool:
    """Train every phase of a recipe; the same command again goes on where it stopped.

    Args:
        recipe: the recipe.
        out: the run directory; the corpus is prepared first where it is missing.
        data_root: the folder in which named data sets are looked for first.

    Returns:
        Whether this process is the one that writes, of those that `torchrun` started.

    Raises:
        UserError: recipe, data or directory are at fault.
        KeyboardInterrupt: after a checkpoint, when the user stopped it.
    """
    directory = RunDirectory(out)
    device = choose_device(recipe.device)
    if recipe.threads is not None:
        torch.set_num_threads(recipe.threads)
    ranks = Ranks.join(device)
    if recipe.init_from is not None and not directory.checkpoints.exists():
        _donor(recipe.init_from).recipe()  # a run that is not there is reported before the data are prepared
    check_vocoder(recipe, directory)
    if ranks.first:
        prepare(recipe, out, data_root=data_root)
        adopt_vocoder(recipe, directory)
    ranks.wait()
    corpus = Corpus(directory.corpus)
    shop = Workshop(recipe, corpus, DataFacts.of(corpus), device, ranks)
    state, average = make_state(shop)
    checkpoints = Checkpoints(directory.checkpoints, recipe.logging.keep)
    saved = checkpoints.newest()
    if saved is not None:
        _check_data(saved, _described(shop), out)
        state.load_state_dict(saved)
    elif recipe.init_from is not None:
        _begin_from(recipe.init_from, shop, average)
    if state.phase == len(state.phases):
        say(f"{out} is already trained")
        return ranks.first
    if ranks.first:
        directory.note_environment(str(device), torch.get_num_threads(), ranks.world)
        _announce(state, device, recipe)
    _run_loop(state, average, shop, directory, checkpoints)
    return ranks.first


def _donor(config: InitFrom) -> RunDirectory:
    return RunDirectory(Path(config.run).expanduser())


def _begin_from(config: InitFrom, shop: Workshop, average: MovingAverage) -> None:
    donor = read_model(_donor(config), config.model, shop.device)
    domain = domain_from_state(shop.recipe.data.kind, shop.corpus.domain_state)
    transfer(
        Taught(average.averaged, shop.facts, domain), Taught(donor.generator, donor.facts, donor.domain), config.run
    )
    average.restart()
    if shop.ranks.first:
        say(f"starting from {donor.checkpoint} of {config.run}")


def _described(shop: Workshop) -> dict[str, Any]:
    """Return what every checkpoint says of the data, from which a model is rebuilt without them."""
    return {"facts": shop.facts.state(), "domain": shop.corpus.domain_state}


def _check_data(saved: dict[str, Any], described: dict[str, Any], out: Path) -> None:
    found = different_values({name: saved[name] for name in described}, described)
    if found:
        raise UserError(
            f"{out}: its corpus is not the one that training began with ({'; '.join(found[:NAMED_DIFFERENCES])}): "
            "give another --out, or remove the checkpoints to start over"
        )


def _announce(state: TrainingState, device: torch.device, recipe: Recipe) -> None:
    where = "on" if state.total_steps == 0 else f"from step {state.total_steps} on"
    threads = torch.get_num_threads()
    said = f"{threads} thread{'s' if threads > 1 else ''}"
    say(f"training {recipe.name} {where} {device}, {recipe.precision}, {said}")


def _run_loop(
    state: TrainingState,
    average: MovingAverage,
    shop: Workshop,
    directory: RunDirectory,
    checkpoints: Checkpoints,
) -> None:
    logging = shop.recipe.logging
    logger = RunLog(directory.metrics) if shop.ranks.first else SilentLog()
    recipe, averaged = shop.recipe, average.averaged
    model = TrainedModel(
        generator=averaged,
        sampler=sampler_of(averaged, shop.facts, directory),
        facts=shop.facts,
        domain=domain_of(recipe, shop.corpus.domain_state, averaged, directory, shop.device),
        checkpoint="",
        device=shop.device,
    )
    alarms = make_alarms(model.domain, shop.corpus)
    board = open_board(directory.board, model.domain)
    best = None
    if logging.keep_best and shop.ranks.first:
        known = _described(shop)
        best = BestModel(model, shop.corpus, checkpoints, lambda: {**known, "parts": {"average": average.state_dict()}})

    def preview(step: int) -> None:
        # The same noise every time, so that what changes is the model.
        batch = model.sample(logging.num_preview, seed=shop.recipe.seed)
        artefacts, captions = model.domain.decode(batch), model.captions(batch)
        model.domain.preview(artefacts, directory.samples(step), captions)
        board(step, artefacts, captions)
        for message in alarms(artefacts):
            say(f"warning: {message}")
        if best is not None:
            logger.log("best", step, best.look(step))

    loop = Loop(
        state,
        checkpoints=checkpoints,
        logger=logger,
        ranks=shop.ranks,
        rhythm=Rhythm(logging.log_every, logging.preview_every, logging.checkpoint_every),
        preview=preview,
        describe=_described(shop),
    )
    try:
        loop.run()
    finally:
        logger.close()
