"""What a recipe may say: frozen models, unknown keys forbidden, every field with its meaning and unit."""

from seqgan_toolkit.recipe.schema.base import NUM_HEADS, CellKind, Custom, FrameCell, Section, Share, TokenCell
from seqgan_toolkit.recipe.schema.cooperative import Cooperative
from seqgan_toolkit.recipe.schema.data import AudioData, DataConfig, RowsData, TextData
from seqgan_toolkit.recipe.schema.discriminators import (
    ConvolutionalEncoder,
    DiscriminatorConfig,
    EncoderConfig,
    MultiRepresentationEncoder,
    PatchEncoder,
    RecurrentEncoder,
    TransformerEncoder,
)
from seqgan_toolkit.recipe.schema.estimators import EstimatorConfig, GumbelSoftmax, Pathwise, Reinforce, Temperature
from seqgan_toolkit.recipe.schema.generators import (
    AutoregressiveFrameGenerator,
    Ensemble,
    FrameGenerator,
    GeneratorConfig,
    TokenGenerator,
)
from seqgan_toolkit.recipe.schema.recipe import Evaluation, InitFrom, Logging, Recipe
from seqgan_toolkit.recipe.schema.residual import Residual
from seqgan_toolkit.recipe.schema.rewards import (
    BaselineConfig,
    ConstantReward,
    DenseReward,
    MaliganReward,
    MovingAverageBaseline,
    NoBaseline,
    RankReward,
    RewardConfig,
    RolloutReward,
    SelfCriticalBaseline,
    SequenceReward,
    ValueBaseline,
)
from seqgan_toolkit.recipe.schema.training import Adversarial, Optimizer, Penalty, TeacherForcing

__all__ = [
    "Adversarial",
    "AudioData",
    "AutoregressiveFrameGenerator",
    "BaselineConfig",
    "CellKind",
    "ConstantReward",
    "ConvolutionalEncoder",
    "Cooperative",
    "Custom",
    "DataConfig",
    "DenseReward",
    "DiscriminatorConfig",
    "EncoderConfig",
    "Ensemble",
    "EstimatorConfig",
    "Evaluation",
    "FrameCell",
    "FrameGenerator",
    "GeneratorConfig",
    "GumbelSoftmax",
    "InitFrom",
    "Logging",
    "MaliganReward",
    "MovingAverageBaseline",
    "MultiRepresentationEncoder",
    "NUM_HEADS",
    "NoBaseline",
    "Optimizer",
    "PatchEncoder",
    "Pathwise",
    "Penalty",
    "RankReward",
    "Recipe",
    "RecurrentEncoder",
    "Reinforce",
    "Residual",
    "RewardConfig",
    "RolloutReward",
    "RowsData",
    "Section",
    "SelfCriticalBaseline",
    "SequenceReward",
    "Share",
    "TeacherForcing",
    "Temperature",
    "TextData",
    "TokenCell",
    "TokenGenerator",
    "TransformerEncoder",
    "ValueBaseline",
]
