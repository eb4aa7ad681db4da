"""The SeqGAN oracle: an LSTM with random parameters, whose likelihood is the truth (Yu et al. 2017)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import torch

from seqgan_toolkit.draws import Draws
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.files import atomic_path

NUM_WORDS, DIM = 5000, 32
"""Words and hidden units of the published oracle."""
GATES = "ifoc"
"""Input, forget and output gate, and the candidate."""
LOGITS_AT_ONCE = 2**20
"""Logits that are made at once: 4 MB."""

State = tuple[torch.Tensor, torch.Tensor]


class OracleLSTM:
    """A language model over sequences of one length without an end token.

    The first word follows the input word 0, which is also an ordinary word; the state starts at zero.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Take the parameters, by the names of `shapes`.

        Raises:
            ValueError: an array is missing or has another shape than the others ask for.
        """
        _check(arrays)
        self.arrays = {name: np.asarray(arrays[name], dtype=np.float32) for name in shapes(1, 1)}
        parts = {name: torch.from_numpy(array) for name, array in self.arrays.items()}
        inputs, self._recurrent, bias = (torch.cat([parts[f"{kind}_{gate}"] for gate in GATES], -1) for kind in "wub")
        # The input's share of the gates is a look-up for every word.
        self._table = parts["embedding"] @ inputs + bias
        self._head, self._bias = parts["v"], parts["b_v"]
        self.num_words, self.dim = parts["embedding"].shape

    @classmethod
    def seeded(cls, seed: int, *, num_words: int = NUM_WORDS, dim: int = DIM) -> OracleLSTM:
        """Draw all parameters from N(0, 1), as the published ones were."""
        draws = Draws(seed, "oracle's parameters")
        return cls({name: draws.normal(*shape).numpy() for name, shape in shapes(num_words, dim).items()})

    @classmethod
    def load(cls, path: Path) -> OracleLSTM:
        """Read the parameters from an .npz file.

        Raises:
            UserError: there is no such file, or it holds no oracle.
        """
        try:
            with np.load(path) as archive:
                return cls(dict(archive))
        except OSError as error:
            raise UserError(f"{path}: cannot be read: {error.strerror or error}") from None
        except (ValueError, BadZipFile) as error:
            raise UserError(f"{path}: not the parameters of an oracle: {error}") from None

    def save(self, path: Path) -> None:
        """Write the parameters as an .npz file."""
        with atomic_path(path) as temporary, open(temporary, "wb") as file:
            np.savez(file, **self.arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its options

    @torch.no_grad()
    def log_probability(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return float64 [N], the log-probability in nats of each sequence of tokens int64 [N, T]."""
        return torch.cat([self._rate(part) for part in torch.split(tokens, self._rows_at_once)])

    @torch.no_grad()
    def sample(self, rows: int, length: int, draws: Draws) -> torch.Tensor:
        """Draw tokens int64 [rows, length], by one uniform number a token and the cumulative distribution."""
        parts = torch.split(draws.uniform(rows, length), self._rows_at_once)
        return torch.cat([self._draw(levels) for levels in parts])

    @property
    def _rows_at_once(self) -> int:
        return max(1, LOGITS_AT_ONCE // self.num_words)

    def _rate(self, tokens: torch.Tensor) -> torch.Tensor:
        word, state = self._start(len(tokens))
        total = torch.zeros(len(tokens), dtype=torch.float64)
        for target in tokens.unbind(1):
            logits, state = self._step(word, state)
            total += (logits.gather(1, target[:, None])[:, 0] - logits.logsumexp(-1)).double()
            word = target
        return total

    def _draw(self, levels: torch.Tensor) -> torch.Tensor:
        """Draw tokens int64 [B, T] at the levels [B, T] of their cumulative distributions."""
        word, state = self._start(len(levels))
        drawn = []
        for level in torch.split(levels, 1, dim=1):
            logits, state = self._step(word, state)
            cumulative = logits.softmax(-1).cumsum(-1)
            word = torch.searchsorted(cumulative, level * cumulative[:, -1:], right=True)[:, 0]
            word = word.clamp_(max=self.num_words - 1)
            drawn.append(word)
        return torch.stack(drawn, dim=1)

    def _start(self, rows: int) -> tuple[torch.Tensor, State]:
        zeros = torch.zeros(rows, self.dim)
        return torch.zeros(rows, dtype=torch.int64), (zeros, zeros)

    def _step(self, word: torch.Tensor, state: State) -> tuple[torch.Tensor, State]:
        """Return the logits [B, V] of the word after `word` [B], and the new state (h, c)."""
        hidden, memory = state
        gates = (self._table[word] + hidden @ self._recurrent).chunk(4, dim=-1)
        enter, forget, show = (gate.sigmoid() for gate in gates[:3])
        memory = forget * memory + enter * gates[3].tanh()
        hidden = show * memory.tanh()
        return hidden @ self._head + self._bias, (hidden, memory)


def shapes(num_words: int, dim: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter: x @ w + h @ u + b makes a gate, h @ v + b_v the logits."""
    gates: dict[str, tuple[int, ...]] = {}
    for gate in GATES:
        gates |= {f"w_{gate}": (dim, dim), f"u_{gate}": (dim, dim), f"b_{gate}": (dim,)}
    return {"embedding": (num_words, dim), **gates, "v": (dim, num_words), "b_v": (num_words,)}


def _check(arrays: Mapping[str, npt.NDArray[np.float32]]) -> None:
    missing = [name for name in shapes(1, 1) if name not in arrays]
    if missing:
        raise ValueError(f"there is no array {', '.join(missing)}")
    if arrays["embedding"].ndim != 2:
        raise ValueError(f"embedding has the shape {arrays['embedding'].shape}, expected (words, units)")
    for name, shape in shapes(*arrays["embedding"].shape).items():
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has the shape {arrays[name].shape}, expected {shape}")
