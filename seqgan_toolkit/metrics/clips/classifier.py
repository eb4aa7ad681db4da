"""A classifier of real clips that hears every factor of their labels: trained once, and kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from seqgan_toolkit.console import say
from seqgan_toolkit.data.held import HeldSequences
from seqgan_toolkit.labels import Factors
from seqgan_toolkit.metrics.clips.real_clips import RealClips
from seqgan_toolkit.metrics.frames.classifier_network import SequenceClassifier, features_of
from seqgan_toolkit.metrics.frames.classifier_training import RECIPE_VERSION, Loss, label_loss, train_network
from seqgan_toolkit.metrics.kept_network import keep, read_kept
from seqgan_toolkit.sequences import SequenceBatch


@dataclass(frozen=True)
class ClipClassifier:
    """One network with the scores of all factors side by side: its features hear all of them.

    Attributes:
        network: in evaluation mode, on the CPU.
        factors: of the labels.
        accuracies: for each factor the share of held-out clips whose value it hears.
    """

    network: SequenceClassifier
    factors: Factors
    accuracies: tuple[float, ...]

    def features(self, batch: SequenceBatch) -> torch.Tensor:
        """Return the penultimate layer's activations, float32 [N, 64]."""
        return features_of(self.network, batch)

    def log_probabilities(self, features: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return for each factor the log-probabilities of its values [N, V] behind features [N, 64]."""
        with torch.inference_mode():
            scores = torch.split(self.network.head(features), list(self.factors.sizes), dim=1)
        return tuple(score.log_softmax(1) for score in scores)


def clip_classifier_for(real: RealClips, *, cache: Path) -> ClipClassifier:
    """Return the classifier of labelled clips, trained by the fixed recipe where none is kept.

    Args:
        real: clips with two labels at least.
        cache: the folder of the kept classifiers.
    """
    factors = real.factors
    path = cache / f"clips-{real.fingerprint(RECIPE_VERSION)}.safetensors"
    kept = read_kept(lambda: _empty(real, factors), path)
    if kept is not None:
        network, about = kept
        return ClipClassifier(network, factors, tuple(json.loads(about["accuracies"])))
    say(f"training a classifier of {' and '.join(factors.names)} on {len(real.training)} real clips, once")
    network = train_network(lambda: _empty(real, factors), HeldSequences(real.training), factor_loss(factors))
    accuracies = _accuracies(ClipClassifier(network, factors, ()), real.held_out)
    keep(network, path, {"accuracies": json.dumps(accuracies)})
    return ClipClassifier(network, factors, accuracies)


def factor_loss(factors: Factors) -> Loss:
    """Return the loss of the scores of all factors, side by side, with labels: the mean over the factors."""
    table = torch.as_tensor(factors.table)

    def loss(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        parts = torch.split(scores, list(factors.sizes), dim=1)
        losses = [label_loss(part, table[labels, factor]) for factor, part in enumerate(parts)]
        return torch.stack(losses).mean()

    return loss


def _empty(real: RealClips, factors: Factors) -> SequenceClassifier:
    space = real.analysis.space
    return SequenceClassifier(real.training.num_steps, space.dim, sum(factors.sizes), space.low)


def _accuracies(classifier: ClipClassifier, held_out: SequenceBatch) -> tuple[float, ...]:
    assert held_out.labels is not None
    truth = torch.as_tensor(classifier.factors.table)[held_out.labels]
    heard = classifier.log_probabilities(classifier.features(held_out))
    return tuple(float((scores.argmax(1) == truth[:, factor]).double().mean()) for factor, scores in enumerate(heard))
