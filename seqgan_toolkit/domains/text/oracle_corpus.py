"""From the oracle to a corpus: sequences drawn from it, and the oracle itself beside them as the truth."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, Split
from seqgan_toolkit.domains.text.domain import TextDomain, TextSpec
from seqgan_toolkit.domains.text.oracle import OracleLSTM
from seqgan_toolkit.domains.text.style import TextStyle
from seqgan_toolkit.domains.text.tokenizers import NumberTokenizer
from seqgan_toolkit.draws import Draws

ORACLE_FILE = "oracle.npz"
"""Where a corpus keeps its truth."""
ROWS_AT_ONCE = 1000


def prepare_oracle(oracle: OracleLSTM, directory: Path, *, num_sentences: int, length: int, seed: int) -> Corpus:
    """Draw every split and write it; all words of the oracle are in the vocabulary, drawn or not.

    Args:
        oracle: the truth.
        directory: where the corpus goes.
        num_sentences: sequences of the training split; the test split has as many, validation half of that.
        length: the tokens of every sequence.
        seed: decides all sequences; every split has a random stream of its own.
    """
    spec = TextSpec(tokenizer="number", vocabulary_size=oracle.num_words, max_length=length)
    style = TextStyle(pretokenized=False, lowercase_data=False, prose=False)
    domain = TextDomain(NumberTokenizer(oracle.num_words), style, spec)
    sizes: dict[Split, int] = {"train": num_sentences, "valid": num_sentences // 2, "test": num_sentences}
    with CorpusWriter(directory, domain.space) as writer:
        oracle.save(directory / ORACLE_FILE)
        for split in SPLITS:
            draws = Draws(seed, f"oracle's {split} split")
            firsts = range(0, sizes[split], ROWS_AT_ONCE)
            for first in track(firsts, f"drawing the {split} split", len(firsts)):
                rows = min(ROWS_AT_ONCE, sizes[split] - first)
                tokens = oracle.sample(rows, length, draws)
                writer.add_many(split, tokens.flatten().numpy(), [length] * rows)
        return writer.close(domain=domain.state(), notes={split: {"sentences": sizes[split]} for split in SPLITS})


def oracle_of(corpus: Corpus) -> OracleLSTM | None:
    """Return the oracle that a corpus was drawn from, or None where it was drawn from none."""
    path = corpus.directory / ORACLE_FILE
    return OracleLSTM.load(path) if path.is_file() else None
