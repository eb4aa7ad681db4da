"""Sentences from their end, the likelihood of a model that reads them so, and what is made of two likelihoods."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.models.backward import BackwardGenerator, from_the_end
from seqgan_toolkit.models.likelihood import sequence_nats
from seqgan_toolkit.models.likelihood_ratio import LikelihoodRatio
from seqgan_toolkit.models.token_generator import TokenGenerator
from seqgan_toolkit.sampling.backward import BackwardSampler
from seqgan_toolkit.sampling.tokens import TokenSampler
from seqgan_toolkit.sequences import END, NO_END, PAD, SequenceBatch
