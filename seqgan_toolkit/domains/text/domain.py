"""The fitted text domain: token sequences back to sentences that people read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from seqgan_toolkit.domains.text.detokenize import capitalize, detokenize
from seqgan_toolkit.domains.text.style import TextStyle
from seqgan_toolkit.domains.text.subwords import SubwordTokenizer
from seqgan_toolkit.domains.text.tokenizers import CharacterTokenizer, NumberTokenizer, Tokenizer, WordTokenizer
from seqgan_toolkit.files import atomic_path
from seqgan_toolkit.sequences import NO_END, SequenceBatch, TokenSpace

TOKENIZERS: dict[str, Callable[[dict[str, Any]], Tokenizer]] = {
    "word": WordTokenizer.from_state,
    "character": CharacterTokenizer.from_state,
    "unigram": SubwordTokenizer.from_state,
    "bpe": SubwordTokenizer.from_state,
    "number": NumberTokenizer.from_state,
}


@dataclass(frozen=True)
class TextSpec:
    """How sentences become tokens.

    Attributes:
        tokenizer: the kind of token; `number` for sequences that are numbers and have no end token.
        vocabulary_size: the most token types, the four special ones among them.
        lowercase: whether upper-case letters are made small first.
        max_length: the most tokens of a sentence; longer ones are cut. The end token comes on top of them.
    """

    tokenizer: Literal["word", "character", "unigram", "bpe", "number"] = "word"
    vocabulary_size: int = 10_000
    lowercase: bool = False
    max_length: int = 40


class TextDomain:
    """A tokenizer, and how its sentences are written out.

    Attributes:
        tokenizer: the fitted tokenizer.
        style: how the training sentences were written.
        spec: what the tokenizer was fitted with.
    """

    kind: ClassVar[str] = "text"

    def __init__(self, tokenizer: Tokenizer, style: TextStyle, spec: TextSpec) -> None:
        self.tokenizer = tokenizer
        self.style = style
        self.spec = spec

    @property
    def space(self) -> TokenSpace:
        """The space of the token ids; numbers are words alone, without an end token."""
        size = len(self.tokenizer.tokens)
        return TokenSpace.of_words(size) if self.spec.tokenizer == "number" else TokenSpace(size)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Id to token."""
        return self.tokenizer.tokens

    def state(self) -> dict[str, Any]:
        """Return plain data from which `from_state` rebuilds this domain exactly."""
        return {"tokenizer": self.tokenizer.state(), "style": asdict(self.style), "spec": asdict(self.spec)}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> TextDomain:
        """Rebuild a fitted domain."""
        tokenizer = TOKENIZERS[state["tokenizer"]["kind"]](state["tokenizer"])
        return cls(tokenizer, TextStyle(**state["style"]), TextSpec(**state["spec"]))

    def encode(self, sentence: str) -> list[int]:
        """Return the ids of a sentence as the corpus holds it: cut to `max_length` tokens, then the end token."""
        text = sentence.lower() if self.spec.lowercase else sentence
        ids, end = self.tokenizer.encode(text)[: self.spec.max_length], self.space.end
        return ids if end == NO_END else [*ids, end]

    def decode(self, batch: SequenceBatch) -> list[str]:
        """Turn sequences into natural sentences; each ends at its end token or its length.

        Punctuation is put back where it belongs when tokens are words or the data came parted into words; prose
        that was lower-case throughout gets its capitals.

        Args:
            batch: tokens int64 [B, T].
        """
        rows, lengths = batch.values.tolist(), batch.lengths.tolist()
        return [self._sentence(row[:length]) for row, length in zip(rows, lengths, strict=True)]

    def _sentence(self, ids: list[int]) -> str:
        end = self.space.end
        text = self.tokenizer.decode(ids[: ids.index(end)] if end in ids else ids)
        if self.style.pretokenized or self.spec.tokenizer == "word":
            text = detokenize(text.split())
        return capitalize(text) if self.style.lowercase_data and self.style.prose else text

    def write(self, artefacts: list[Any], directory: Path, captions: Sequence[str] = ()) -> list[Path]:
        """Write `sentences.txt`, one sentence a line."""
        return [self.preview(artefacts, directory)]

    def preview(self, artefacts: list[Any], directory: Path, captions: Sequence[str] = ()) -> Path:
        """Write `sentences.txt`, one sentence a line: text shows itself."""
        path = directory / "sentences.txt"
        with atomic_path(path) as temporary:
            # A sentence holds no line break unless a sub-word model made one up from bytes.
            temporary.write_text("".join(" ".join(text.split()) + "\n" for text in artefacts), encoding="utf-8")
        return path
