"""The verbs: prepare, train, generate, evaluate, export, and run for the first four, over one run directory."""

from seqgan_toolkit.stages.artefact import export, unpack
from seqgan_toolkit.stages.evaluate import evaluate
from seqgan_toolkit.stages.generate import generate, sample
from seqgan_toolkit.stages.prepare import prepare
from seqgan_toolkit.stages.run import run
from seqgan_toolkit.stages.train import train

__all__ = ["evaluate", "export", "generate", "prepare", "run", "sample", "train", "unpack"]
