"""Speed on text: free-running sampling and teacher forcing, each in turns with the straightforward loop.

python benchmarks/text.py
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from straightforward import LanguageModel, sample
from timing import in_turns, overall, ratio
from torch import nn
from torch.nn import functional

from seqgan_toolkit.build.facts import DataFacts
from seqgan_toolkit.build.phases import Workshop, make_state
from seqgan_toolkit.data.corpus import Corpus, SequenceStore
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.cells import RecurrentCell
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.recipe.loading import load_recipe
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import END, PAD, START, TokenSpace
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.training.distribution import Ranks
from seqgan_toolkit.training.phase import Phase

VOCABULARY, DIM, STEPS = 5000, 32, 20
"""The sampling line's model: V token types, size of embedding and state, T tokens a sequence."""
RECIPE = "text_lstm"
"""The recipe whose generator, optimiser and corpus the teacher forcing line uses."""


def make_pair() -> tuple[LanguageModel, TokenGenerator]:
    """Build the straightforward model and the toolkit's with the same weights; neither ever ends a sequence."""
    torch.manual_seed(1)
    plain = LanguageModel(VOCABULARY, DIM, DIM)
    ours = TokenGenerator(
        TokenSpace(VOCABULARY),
        num_labels=0,
        cell=partial(RecurrentCell, "lstm", hidden_dim=DIM),
        embedding_dim=DIM,
        noise_dim=0,
        step_noise_dim=0,
        label_dim=0,
        dropout=0.0,
    )
    with torch.no_grad():
        plain.head.bias[[PAD, START, END]] = -60.0
        ours.embedding.load_state_dict(plain.embedding.state_dict())
        ours.cell.network.load_state_dict(plain.lstm.state_dict())
        ours.head.load_state_dict(plain.head.state_dict())
    return plain.eval(), ours.eval()


def compare_sampling(rows: int, rounds: int) -> None:
    plain, ours = make_pair()
    sampler, draws = TokenSampler(ours, STEPS), Draws(1, "sampling")
    generator = torch.Generator().manual_seed(1)
    assert sampler.sample(None, rows, draws).values.shape == (rows, STEPS)
    loop, engine = in_turns(
        lambda: sample(plain, rows, STEPS, START, generator), lambda: sampler.sample(None, rows, draws), rounds
    )
    print(f"sampling, batch {rows}: loop {loop.rate(rows * STEPS)}, toolkit {engine.rate(rows * STEPS)} tokens")
    print(f"sampling, batch {rows}: the loop takes {ratio(loop, engine)}")


def plain_training(model: LanguageModel, store: SequenceStore, batch_size: int, settings: dict) -> Callable[[], None]:
    """Return one step of the straightforward teacher forcing: shuffled batches, padding out of the loss."""
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings["lr"],
        betas=settings["betas"],
        weight_decay=settings["weight_decay"],
        fused=True,
    )
    generator = torch.Generator().manual_seed(1)

    def step() -> None:
        batch = store.batch(torch.randint(len(store), (batch_size,), generator=generator).numpy())
        inputs = torch.cat([torch.full((batch_size, 1), START), batch.values[:, :-1]], dim=1)
        logits, _ = model(inputs)
        loss = functional.cross_entropy(logits.flatten(0, 1), batch.values.flatten(), ignore_index=PAD)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), settings["clip"])
        optimizer.step()

    return step


def make_phase(corpus: Corpus, overrides: dict[str, object], *, by_length: bool) -> Phase:
    """Build the toolkit's real phase of teacher forcing."""
    recipe = load_recipe(RECIPE, {"device": "cpu", **overrides})
    shop = Workshop(recipe, corpus, DataFacts.of(corpus), torch.device("cpu"), Ranks())
    state, _ = make_state(shop)
    phase = state.phases[0]
    phase.loader.by_length = by_length
    return phase


def compare_training(corpus: Corpus, rounds: int, *, by_length: bool, dropout: float) -> None:
    recipe = load_recipe(RECIPE)
    config, forcing = recipe.generator, recipe.teacher_forcing
    phase = make_phase(corpus, {"generator.dropout": dropout}, by_length=by_length)
    phase.begin()
    torch.manual_seed(1)
    model = LanguageModel(corpus.space.size, config.embedding_dim, config.hidden_dim)
    step = plain_training(model, corpus.splits["train"], forcing.batch_size, forcing.optimizer.model_dump())
    ours, loop = in_turns(lambda: phase.step(0), step, rounds)
    how = f"{'batches by length' if by_length else 'plain batches'}, dropout {dropout:g}"
    tokens = round(forcing.batch_size * float(corpus.splits["train"].lengths.mean()))
    print(f"teacher forcing, {how}: loop {loop.rate(tokens)}, toolkit {ours.rate(tokens)} tokens of data")
    print(f"teacher forcing, {how}: the toolkit takes {ratio(ours, loop)}; all rounds {overall(ours, loop)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(f"torch {torch.__version__}, {arguments.threads} thread(s), {arguments.rounds} rounds in turns")
    for rows in (64, 512, 1024):
        compare_sampling(rows, arguments.rounds)
    with tempfile.TemporaryDirectory() as folder:
        corpus = prepare(load_recipe(RECIPE, {"data.num_sentences": 10_000}), Path(folder))
        for by_length, dropout in ((False, 0.0), (True, 0.0), (True, 0.1)):
            compare_training(corpus, 2 * arguments.rounds, by_length=by_length, dropout=dropout)


if __name__ == "__main__":
    main()
