"""One thread, caches that do not leak, tiny recipes and tiny networks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
    from seqgan_toolkit.models.cells import CellMaker
    from seqgan_toolkit.models.discriminator import Discriminator
    from seqgan_toolkit.models.frame_generator import FrameGenerator
    from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
    from seqgan_toolkit.models.token_generator import TokenGenerator
    from seqgan_toolkit.recipe.schema import Recipe
    from seqgan_toolkit.sequences import TokenSpace

ROOT = Path(__file__).parent.parent
REAL_DATA = ROOT.parent / "shared" / "data"

# Before anything imports torch, and for the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"
# No test is timed: on a busy machine an example may take any time.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

TINY_TEXT = """\
name: tiny_text
seed: 3
device: cpu
threads: 1
data: {kind: text, source: SOURCE, max_length: 8, valid_share: 0.1, test_share: 0.1}
generator:
  kind: tokens
  embedding_dim: 8
  hidden_dim: 16
  noise_dim: 3
  step_noise_dim: 2
  dropout: 0.1
discriminator:
  embedding_dim: 8
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 8, dropout: 0.1}
    - {kind: convolutional, widths: [2, 3], channels: 6}
  dense_dim: 12
teacher_forcing: {steps: 4, batch_size: 16, scheduled_sampling: 0.5}
adversarial:
  steps: 4
  batch_size: 8
  pretraining_steps: 2
  anchor_weight: 0.5
  estimator: {kind: gumbel_softmax}
  penalty: {gamma: 0.1, every: 2, sigma: 0.1}
logging: {log_every: 1, preview_every: 1000, checkpoint_every: 1000, keep: 100, num_preview: 4}
"""

TINY_ROWS = """\
name: tiny_rows
seed: 3
device: cpu
threads: 1
data: {kind: rows, source: digits}
generator: {kind: frames, hidden_dim: 16, noise_dim: 8, context_dim: 8, head_dim: 16, label_dim: 4}
discriminator:
  encoders:
    - {kind: recurrent, cell: gru, hidden_dim: 8}
    - {kind: patches, channels: [4, 8], dense_dim: 8}
  dense_dim: 8
  group_size: 4
  group_dim: 4
adversarial:
  steps: 6
  batch_size: 16
  estimator: {kind: pathwise}
  penalty: {gamma: 1.0, every: 2, sigma: 0.1}
  generator_optimizer: {lr: 1e-4}
  discriminator_optimizer: {lr: 1e-4}
logging: {log_every: 1, preview_every: 1000, checkpoint_every: 1000, keep: 100, num_preview: 4}
"""


TINY_VOCODER = """\
name: tiny_vocoder
seed: 3
device: cpu
threads: 1
data: {kind: audio, source: SOURCE, num_mels: 32, test_share: 0.2}
generator: {kind: vocoder, hidden_dim: 8, num_layers: 1}
vocoder:
  steps: 3
  pretraining_steps: 1
  batch_size: 4
  segment_seconds: 0.1
  stft_resolutions: [64, 256]
  discriminator: {resolutions: [64], periods: [2], channels: 4}
logging: {log_every: 1, preview_every: 1000, checkpoint_every: 1000, keep: 100, num_preview: 2}
"""


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of this session's own, the real data where this machine has them, and warnings that do not hide."""
    import torch

    # PyTorch gives some warnings once a process: which test fails would hang on the order of the tests.
    torch.set_warn_always(True)
    patch = pytest.MonkeyPatch()
    patch.setenv("SEQGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
    if "SEQGAN_DATA" not in os.environ and REAL_DATA.is_dir():
        patch.setenv("SEQGAN_DATA", str(REAL_DATA))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text file of 320 sentences of several lengths."""
    adjectives, nouns, verbs = ("", "old ", "red ", "very old "), ("dog", "cat", "bird", "fish"), ("sees", "likes")
    lines = [
        f"the {first}{noun} {verb} the {second}{other} ."
        for first, noun, verb, second, other in product(adjectives, nouns, verbs, adjectives, nouns)
    ]
    lines += [f"the {adjective}{noun} sleeps ." for adjective in adjectives for noun in nouns]
    path = tmp_path_factory.mktemp("text") / "sentences.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def tiny_text(sentences: Path) -> Callable[..., Recipe]:
    """Make the tiny recipe for text, with overrides: all three phases, noise, dropout, an anchor and a penalty."""
    from seqgan_toolkit.recipe.loading import parse_recipe

    return lambda *overrides: parse_recipe(TINY_TEXT.replace("SOURCE", str(sentences)), "tiny_text.yaml", overrides)


@pytest.fixture(scope="session")
def tiny_rows() -> Callable[..., Recipe]:
    """Make the tiny recipe for frames, with overrides: the scikit-learn digits, grouped by label."""
    from seqgan_toolkit.recipe.loading import parse_recipe

    return lambda *overrides: parse_recipe(TINY_ROWS, "tiny_rows.yaml", overrides)


@pytest.fixture(scope="session")
def tiny_timegan(tiny_rows: Callable[..., Recipe]) -> Callable[..., Recipe]:
    """Make a tiny TimeGAN on the digits, with overrides: labels, and dropout in the discriminator."""
    encoder = "{kind: recurrent, hidden_dim: 8, dropout: 0.1, bidirectional: false}"
    changes = (
        "adversarial=null",
        "generator={kind: timegan, hidden_dim: 8, num_layers: 2, label_dim: 3}",
        f"discriminator={{encoders: [{encoder}], dense_dim: 0, scores: both}}",
        "timegan={autoencoding_steps: 3, supervising_steps: 3, steps: 3, batch_size: 16}",
    )
    return lambda *overrides: tiny_rows(*changes, *overrides)


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 30 tones of half a second at 8 kHz, of two labels."""
    import numpy as np
    import soundfile

    folder = tmp_path_factory.mktemp("tones")
    for index in range(30):
        seconds = np.arange(2500 + 50 * index) / 8000
        tone = 0.5 * np.sin(2 * np.pi * (200 + 30 * index) * seconds) * np.exp(-4 * seconds)
        (folder / "ab"[index % 2]).mkdir(exist_ok=True)
        soundfile.write(folder / "ab"[index % 2] / f"{index}.wav", tone, 8000)
    return folder


@pytest.fixture(scope="session")
def tiny_vocoder(tones: Path) -> Callable[..., Recipe]:
    """Make the tiny recipe of a vocoder of tones, with overrides: one round of the vocoder alone, two of the game."""
    from seqgan_toolkit.recipe.loading import parse_recipe

    return lambda *overrides: parse_recipe(TINY_VOCODER.replace("SOURCE", str(tones)), "tiny_vocoder.yaml", overrides)


def take_cell(settings: dict[str, Any], **usual: int) -> CellMaker:
    """Take what a recipe says of the cell out of the settings of a generator, and return what makes it."""
    from seqgan_toolkit.build.cells import cell_maker

    given = {
        key: settings.pop(key) for key in ("hidden_dim", "num_layers", "num_heads", "num_slots") if key in settings
    }
    return cell_maker(settings.pop("cell", "lstm"), **{**usual, **given})


@pytest.fixture
def token_generator() -> Callable[..., TokenGenerator]:
    """Make a token generator whose weights are large enough for its tokens to depend on their prefix."""
    import torch

    from seqgan_toolkit.models.token_generator import TokenGenerator
    from seqgan_toolkit.sequences import TokenSpace

    def make(size: int = 5, *, scale: float = 2.0, space: TokenSpace | None = None, **settings: Any) -> TokenGenerator:
        torch.manual_seed(5)
        settings["cell"] = take_cell(settings, hidden_dim=6)
        usual = {"num_labels": 0, "embedding_dim": 4}
        noise = {"noise_dim": 0, "step_noise_dim": 0, "label_dim": 3, "dropout": 0.0}
        generator = TokenGenerator(space or TokenSpace(size), **{**usual, **noise, **settings})
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(scale)
        return generator.eval()

    return make


@pytest.fixture
def manager_worker() -> Callable[..., ManagerWorkerGenerator]:
    """Make LeakGAN's generator over five tokens, with weights that are large enough for all of its parts to matter."""
    import torch

    from seqgan_toolkit.build.cells import cell_maker
    from seqgan_toolkit.models.manager_worker import ManagerWorkerGenerator
    from seqgan_toolkit.models.prefix_features import PrefixFeatures
    from seqgan_toolkit.sequences import TokenSpace

    def make(leaked: Any = "gru", **settings: Any) -> ManagerWorkerGenerator:
        torch.manual_seed(5)
        features = PrefixFeatures(5, cell=leaked, embedding_dim=4, hidden_dim=7)
        cells = {"worker": cell_maker("lstm", hidden_dim=6), "manager": cell_maker("lstm", hidden_dim=6)}
        sizes = {"horizon": 2, "action_dim": 3, "num_labels": 0, "embedding_dim": 4, "noise_dim": 0, "label_dim": 3}
        usual: dict[str, Any] = {"features": features, **cells, **sizes, "dropout": 0.0}
        generator = ManagerWorkerGenerator(TokenSpace(5), **{**usual, **settings})
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.mul_(2)
        return generator.eval()

    return make


@pytest.fixture
def frame_generator() -> Callable[..., FrameGenerator]:
    """Make a generator of whole frame sequences."""
    import torch

    from seqgan_toolkit.models.frame_generator import FrameGenerator
    from seqgan_toolkit.sequences import FrameSpace

    def make(**settings: Any) -> FrameGenerator:
        torch.manual_seed(5)
        settings["cell"] = take_cell(settings, hidden_dim=8)
        sizes = {"noise_dim": 4, "step_noise_dim": 2, "label_dim": 3}
        more = {"context_dim": 5, "position_dim": 3, "head_dim": 7, "frames_per_step": 1, "postnet_dim": 0}
        usual = {"num_labels": 0, "max_length": 6, "reach": 1.0, **sizes, **more}
        space = FrameSpace(3, constant=settings.pop("constant", ()))
        return FrameGenerator(space, **{**usual, **settings}).eval()

    return make


@pytest.fixture
def autoregressive_generator() -> Callable[..., AutoregressiveFrameGenerator]:
    """Make a generator that feeds its frames back."""
    import torch

    from seqgan_toolkit.models.autoregressive import AutoregressiveFrameGenerator
    from seqgan_toolkit.sequences import FrameSpace

    def make(**settings: Any) -> AutoregressiveFrameGenerator:
        torch.manual_seed(5)
        settings["cell"] = take_cell(settings, hidden_dim=8)
        sizes = {"noise_dim": 4, "step_noise_dim": 0, "label_dim": 3}
        more = {"prenet_dim": 6, "prenet_dropout": 0.5, "frames_per_step": 1}
        usual = {"num_labels": 0, "max_length": 6, "fixed_length": False, **sizes, **more}
        return AutoregressiveFrameGenerator(FrameSpace(3), **{**usual, **settings}).eval()

    return make


@pytest.fixture
def discriminator() -> Callable[..., Discriminator]:
    """Make a discriminator over a space, by default with a recurrent encoder."""
    import torch

    from seqgan_toolkit.models.discriminator import Discriminator
    from seqgan_toolkit.models.encoders import RecurrentEncoder
    from seqgan_toolkit.sequences import SequenceSpace

    def make(space: SequenceSpace, encoders: list[Any] | None = None, **settings: Any) -> Discriminator:
        torch.manual_seed(5)
        dim = Discriminator.input_dim(space, 4)
        chosen = encoders or [RecurrentEncoder(dim, cell="gru", hidden_dim=5)]
        usual = {
            "num_labels": 0,
            "embedding_dim": 4,
            "dense_dim": 6,
            "per_step": False,
            "group_size": 0,
            "group_dim": 3,
        }
        return Discriminator(space, chosen, **{**usual, **settings})

    return make


@pytest.fixture
def every_sequence() -> Callable[..., dict[tuple[int, ...], Any]]:
    """Give the exact probability (a tensor with its gradient) of every sequence that a generator can make."""
    import torch

    from seqgan_toolkit.draws import Draws
    from seqgan_toolkit.models.token_generator import shift_right
    from seqgan_toolkit.sampling.tokens import forbid
    from seqgan_toolkit.sequences import SequenceBatch

    def enumerate_sequences(
        generator: TokenGenerator, max_length: int, temperature: float = 1.0
    ) -> dict[tuple[int, ...], Any]:
        space = generator.space
        usual = [token for token in range(space.size) if token not in (space.pad, space.start, space.end)]
        found = {}
        for length in range(1, max_length + 1):
            lasts = [*usual, space.end] if length == max_length else [space.end]
            for sequence in product(*[usual] * (length - 1), lasts):
                batch = SequenceBatch(torch.tensor([sequence]), torch.tensor([length]))
                logits = generator(batch, shift_right(batch, space.start), Draws(0, "none"))[0] / temperature
                logits = forbid(logits, space).log_softmax(-1)
                found[sequence] = logits.gather(1, batch.values.T).sum().exp()
        return found

    return enumerate_sequences
