"""The straightforward loops that the toolkit's speed on text is measured against.

They do what published text GANs do, in plain torch: one `multinomial` a step, the log-softmax of all logits, roll-outs
one prefix after the other from a re-encoded prefix, real data as one-hot vectors, and a step of the discriminator that
back-propagates through the generator as well. Nothing here is used by the package.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

State = tuple[torch.Tensor, torch.Tensor]
SEQGAN_WIDTHS = (*range(1, 11), 15, 20)
SEQGAN_CHANNELS = (100, *[200] * 4, *[100] * 5, 160, 160)


class LanguageModel(nn.Module):
    """Embedding, `nn.LSTM`, linear layer."""

    def __init__(self, num_tokens: int, embedding_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_tokens, embedding_dim)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, batch_first=True)
        self.head = nn.Linear(hidden_dim, num_tokens)

    def forward(self, inputs: torch.Tensor, state: State | None = None) -> tuple[torch.Tensor, State]:
        """Return logits [B, T, V] and the last state for tokens int64 [B, T]."""
        outputs, state = self.lstm(self.embedding(inputs), state)
        return self.head(outputs), state


def sample(
    model: LanguageModel, rows: int, steps: int, start: int, generator: torch.Generator | None = None
) -> torch.Tensor:
    """Draw tokens int64 [rows, steps], one `multinomial` a step."""
    return complete(model, torch.full((rows, 0), start), steps, start, generator)


@torch.no_grad()
def complete(
    model: LanguageModel, prefix: torch.Tensor, steps: int, start: int, generator: torch.Generator | None = None
) -> torch.Tensor:
    """Encode a prefix [B, t] anew and draw the other tokens: int64 [B, steps]."""
    inputs, state, drawn = functional.pad(prefix, (1, 0), value=start), None, [prefix]
    for _ in range(steps - prefix.shape[1]):
        logits, state = model(inputs, state)
        inputs = torch.multinomial(logits[:, -1].softmax(-1), 1, generator=generator)
        drawn.append(inputs)
    return torch.cat(drawn, dim=1)


def likelihood_step(
    logits_of: Callable[[torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    tokens: torch.Tensor,
    start: int,
) -> None:
    """Take one step of maximum likelihood through the log-softmax of all logits."""
    inputs = torch.cat([torch.full_like(tokens[:, :1], start), tokens[:, :-1]], dim=1)
    logits = logits_of(inputs)
    loss = functional.nll_loss(logits.log_softmax(-1).flatten(0, 1), tokens.flatten())
    _descend(optimizer, loss)


class Highway(nn.Module):
    """A highway layer with a map of its own for the gate."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.transform, self.gate = nn.Linear(dim, dim), nn.Linear(dim, dim)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return [..., D] of values [..., D]."""
        gate = self.gate(values).sigmoid()
        return gate * self.transform(values).relu() + (1 - gate) * values


class SeqGANDiscriminator(nn.Module):
    """SeqGAN's convolutions over time of twelve widths, with a highway layer (Yu et al. 2017)."""

    def __init__(self, num_tokens: int, embedding_dim: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_tokens, embedding_dim)
        sizes = zip(SEQGAN_WIDTHS, SEQGAN_CHANNELS, strict=True)
        self.banks = nn.ModuleList(nn.Conv2d(1, channels, (width, embedding_dim)) for width, channels in sizes)
        self.highway = Highway(sum(SEQGAN_CHANNELS))
        self.dropout = nn.Dropout(0.25)
        self.score = nn.Linear(sum(SEQGAN_CHANNELS), 2)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return log-odds [B, 2] of tokens int64 [B, T]."""
        embedded = self.embedding(tokens)[:, None]
        pooled = [bank(embedded).relu().squeeze(-1).amax(-1) for bank in self.banks]
        return self.score(self.dropout(self.highway(torch.cat(pooled, dim=-1))))


def seqgan_discriminator_step(
    discriminator: SeqGANDiscriminator, optimizer: torch.optim.Optimizer, real: torch.Tensor, fake: torch.Tensor
) -> None:
    """Take one step of cross-entropy on half a batch of real and half a batch of generated tokens [B / 2, T]."""
    target = torch.cat([torch.ones(len(real)), torch.zeros(len(fake))]).long()
    _descend(optimizer, functional.cross_entropy(discriminator(torch.cat([real, fake])), target))


@torch.no_grad()
def rollout_rewards(
    model: LanguageModel, discriminator: SeqGANDiscriminator, tokens: torch.Tensor, num_rollouts: int, start: int
) -> torch.Tensor:
    """Return rewards [B, T]: one roll-out and one prefix after the other, each prefix encoded anew."""
    rewards = torch.zeros(tokens.shape)
    for _ in range(num_rollouts):
        for step in range(1, tokens.shape[1] + 1):
            whole = complete(model, tokens[:, :step], tokens.shape[1], start)
            rewards[:, step - 1] += discriminator(whole).softmax(-1)[:, 1]
    return rewards / num_rollouts


class MemoryGenerator(nn.Module):
    """RelGAN's relational memory of one slot, unrolled step by step (Nie et al. 2019; Santoro et al. 2018)."""

    def __init__(self, num_tokens: int, embedding_dim: int = 32, num_heads: int = 2, head_dim: int = 256) -> None:
        super().__init__()
        self.num_heads, self.dim = num_heads, num_heads * head_dim
        self.embedding = nn.Embedding(num_tokens, embedding_dim)
        self.read = nn.Linear(embedding_dim, self.dim)
        self.queries = nn.Linear(self.dim, 3 * self.dim)
        self.norm, self.second_norm = nn.LayerNorm(self.dim), nn.LayerNorm(self.dim)
        self.dense = nn.Sequential(nn.Linear(self.dim, self.dim), nn.ReLU(), nn.Linear(self.dim, self.dim), nn.ReLU())
        self.input_gates, self.memory_gates = nn.Linear(self.dim, 2 * self.dim), nn.Linear(self.dim, 2 * self.dim)
        self.head = nn.Linear(self.dim, num_tokens)

    def step(self, tokens: torch.Tensor, memory: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits [B, V] and the new memory [B, 1, D] for tokens [B]."""
        inputs = self.read(self.embedding(tokens))[:, None]
        attended = self.norm(memory + self._attend(torch.cat([memory, inputs], dim=1))[:, :1])
        candidate = self.second_norm(attended + self.dense(attended))
        entry, forget = (self.input_gates(inputs) + self.memory_gates(memory.tanh())).chunk(2, dim=-1)
        memory = entry.sigmoid() * candidate.tanh() + (forget + 1).sigmoid() * memory
        return self.head(memory[:, 0]), memory

    def _attend(self, slots: torch.Tensor) -> torch.Tensor:
        rows, count, _ = slots.shape
        heads = self.queries(slots).view(rows, count, self.num_heads, -1).transpose(1, 2)
        query, key, value = heads.chunk(3, dim=-1)
        weights = (query @ key.transpose(-1, -2) * (self.dim // self.num_heads) ** -0.5).softmax(-1)
        return (weights @ value).transpose(1, 2).reshape(rows, count, -1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return logits [B, T, V] for the tokens before every step, int64 [B, T]."""
        memory, logits = torch.zeros(len(inputs), 1, self.dim), []
        for tokens in inputs.unbind(1):
            found, memory = self.step(tokens, memory)
            logits.append(found)
        return torch.stack(logits, dim=1)

    def soft_samples(self, rows: int, steps: int, beta: float, start: int) -> torch.Tensor:
        """Draw soft tokens [rows, steps, V] by the Gumbel-softmax; the next input is the largest one."""
        tokens, drawn = torch.full((rows,), start), []
        memory = torch.zeros(rows, 1, self.dim)
        for _ in range(steps):
            logits, memory = self.step(tokens, memory)
            noise = -torch.log(-torch.log(torch.rand_like(logits).clamp_min(1e-10)).clamp_min(1e-10))
            tokens = (logits + noise).argmax(-1).detach()
            drawn.append(functional.softmax((logits + noise) * beta, dim=-1))
        return torch.stack(drawn, dim=1)


class RelGANDiscriminator(nn.Module):
    """RelGAN's convolutions over 64 one-dimensional representations of each token; its code has a highway layer too."""

    def __init__(self, num_tokens: int, num_representations: int = 64, channels: int = 300, *, highway: bool) -> None:
        super().__init__()
        self.embedding = nn.Linear(num_tokens, num_representations, bias=False)
        self.banks = nn.ModuleList(nn.Conv2d(1, channels, (width, 1)) for width in (2, 3, 4, 5))
        self.highway = Highway(4 * channels) if highway else nn.Identity()
        self.dropout = nn.Dropout(0.25)
        self.dense, self.score = nn.Linear(4 * channels, 100), nn.Linear(100, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return scores [B x 64] of one-hot or soft tokens [B, T, V]."""
        embedded = self.embedding(tokens)[:, None]
        pooled = [bank(embedded).relu().amax(2) for bank in self.banks]
        features = torch.cat(pooled, dim=1).transpose(1, 2).flatten(0, 1)
        return self.score(self.dense(self.dropout(self.highway(features))))[:, 0]


def relgan_step(
    generator: MemoryGenerator,
    discriminator: RelGANDiscriminator,
    optimizer: torch.optim.Optimizer,
    real: torch.Tensor,
    *,
    start: int,
    for_generator: bool,
) -> None:
    """Take one step of either network; the discriminator's goes back through the generator all the same."""
    rows, steps = real.shape
    one_hot = functional.one_hot(real, generator.head.out_features).float()
    on_real = discriminator(one_hot)
    on_fake = discriminator(generator.soft_samples(rows, steps, 1.0, start))
    gap = on_fake - on_real if for_generator else on_real - on_fake
    generator.zero_grad(set_to_none=True)
    discriminator.zero_grad(set_to_none=True)
    _descend(optimizer, functional.softplus(-gap).mean())


def _descend(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    nn.utils.clip_grad_norm_(parameters, 5.0)
    optimizer.step()
