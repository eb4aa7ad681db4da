"""The fixed recipe by which the language models of the metrics are trained: the same for every corpus and sample."""

from __future__ import annotations

import copy
import math

import numpy as np
import torch
from torch import nn

from seqgan_toolkit.console import track
from seqgan_toolkit.data.held import HeldSequences, Sequences, chunks
from seqgan_toolkit.data.loader import Loader
from seqgan_toolkit.draws import Draws
from seqgan_toolkit.metrics.text.language_model_network import LanguageModel
from seqgan_toolkit.sequences import TokenSpace

RECIPE_VERSION = 1
"""Raised with every change of the network or of its training, so that no cached model outlives it."""
SEED = 20170609
MOST_SENTENCES = 50_000
"""Of a larger set, as many evenly spaced sentences are read."""
VALID_SHARE = 1 / 20
BATCH_SIZE = 64
MAX_EPOCHS = 6
PATIENCE = 1
"""Epochs without a gain on the sentences held out before training ends."""
LR, FINAL_LR, WEIGHT_DECAY, CLIP = 1e-2, 0.05, 0.1, 1.0
CHUNK = 256


def train_language_model(space: TokenSpace, sentences: Sequences) -> LanguageModel:
    """Train a language model; labels are not looked at.

    A twentieth of the sentences is held out, and the weights of the epoch that rates it best are kept. The seeds are
    fixed and PyTorch's global generator is left as it was.

    Args:
        space: the tokens.
        sentences: hard tokens, two sentences at least.

    Returns:
        The model, in evaluation mode.
    """
    training, held_out = _parted(sentences)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        model = LanguageModel(space)
        _fit_bias(model, training)
        _optimise(model, training, held_out)
    return model.eval().requires_grad_(False)


def mean_nats(model: LanguageModel, sentences: Sequences) -> float:
    """Return the nats per token of sentences, end tokens counted."""
    return float(sentence_nats(model, sentences).sum()) / float(sentences.lengths.sum())


@torch.no_grad()
def sentence_nats(model: LanguageModel, sentences: Sequences) -> torch.Tensor:
    """Return float64 [N], the nats of every sentence, in chunks of bounded memory, without dropout."""
    model.eval()
    return torch.cat([model.nats(chunk) for chunk in chunks(sentences, CHUNK)])


def _parted(sentences: Sequences) -> tuple[HeldSequences, HeldSequences]:
    """Return the sentences to train on and those held out, without their labels."""
    chosen = np.linspace(0, len(sentences) - 1, min(len(sentences), MOST_SENTENCES)).astype(np.int64)
    chosen = np.random.default_rng(SEED).permutation(chosen)
    num_held_out = max(1, round(VALID_SHARE * len(chosen)))
    training, held_out = sentences.batch(chosen[num_held_out:]), sentences.batch(chosen[:num_held_out])
    return HeldSequences(training), HeldSequences(held_out)


def _fit_bias(model: LanguageModel, training: HeldSequences) -> None:
    """Start at the log-frequency of the tokens, which would be learnt first anyway."""
    batch = training.batch(np.arange(len(training)))
    counts = torch.bincount(batch.values[batch.mask], minlength=model.space.size) + 1
    with torch.no_grad():
        model.head.bias.copy_((counts / counts.sum()).log())


def _optimise(model: LanguageModel, training: HeldSequences, held_out: HeldSequences) -> None:
    batch_size = min(BATCH_SIZE, len(training))
    loader = Loader(training, batch_size, Draws(SEED, "order"), by_length=True)
    mean_length, epoch_steps = float(training.lengths.mean()), len(training) // batch_size
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=WEIGHT_DECAY, betas=(0.9, 0.99), fused=True)
    best, waited, weights = math.inf, 0, copy.deepcopy(model.state_dict())
    for epoch in track(range(MAX_EPOCHS), "training a language model for the metrics", MAX_EPOCHS):
        model.train()
        for step in range(epoch_steps):
            for group in optimizer.param_groups:
                group["lr"] = LR * _cosine((epoch + step / epoch_steps) / MAX_EPOCHS)
            # Over the tokens of an average batch: a batch holds sentences of one length.
            loss = model.nats(loader.next()).sum() / (batch_size * mean_length)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
        rated = mean_nats(model, held_out)
        if rated < best:
            best, waited, weights = rated, 0, copy.deepcopy(model.state_dict())
        elif waited >= PATIENCE:
            break
        else:
            waited += 1
    model.load_state_dict(weights)


def _cosine(done: float) -> float:
    return FINAL_LR + (1 - FINAL_LR) * 0.5 * (1 + math.cos(math.pi * done))
