"""The data of a recipe: a source, and how it becomes sequences."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from seqgan_toolkit.recipe.checks import check_mel_settings
from seqgan_toolkit.recipe.schema.base import DataSection, Share
from seqgan_toolkit.recipe.schema.events_data import EventsData
from seqgan_toolkit.recipe.schema.quantiser import Quantiser


class TextData(DataSection):
    """Sentences, one a line."""

    kind: Literal["text"]
    source: str
    """`grammar`, `oracle`, `coco_captions`, `emnlp_news`, `seqgan_oracle`, or the path of a .txt, .gz, .jsonl or
    .csv file, of a folder with one for each label, or of an oracle's .npz. `oracle` is an LSTM of random parameters
    over 5,000 words, `seqgan_oracle` SeqGAN's own."""
    field: str = "text"
    """The field of a .jsonl file, or the column of a .csv file, that holds the sentence."""
    label_field: str | None = None
    """The field of a .jsonl file, or the column of a .csv file, that holds the label."""
    label_file: str | None = None
    """A file with the label of each line of `source`, which is one file then."""
    num_sentences: int = Field(20_000, ge=10)
    """Training sentences drawn from a built-in source or an oracle."""
    tokenizer: Literal["word", "character", "unigram", "bpe"] = "word"
    vocabulary_size: int = Field(10_000, ge=6)
    """The most token types; rarer words become the unknown token."""
    lowercase: bool = False
    max_length: int = Field(40, ge=2)
    """Longer sentences are cut to this many tokens (counted and reported). An oracle's all have this many."""
    valid_share: Share = 0.05
    test_share: Share = 0.1

    @model_validator(mode="after")
    def _labels_have_one_place(self) -> TextData:
        if self.label_file is None:
            return self
        if self.label_field is not None:
            raise ValueError("'label_file' and 'label_field' are two places for one label: leave one of them out")
        if self.source in ("grammar", "coco_captions", "emnlp_news") or self.is_oracle:
            raise ValueError(f"'{self.source}' has no file of labels: 'label_file' stands beside a file of your own")
        return self

    @property
    def makes_tokens(self) -> bool:
        """Whether its sequences are tokens: they are."""
        return True

    @property
    def is_oracle(self) -> bool:
        """Whether sentences are drawn from an LSTM whose likelihood is the truth."""
        return self.source in ("oracle", "seqgan_oracle") or self.source.endswith(".npz")


class AudioData(DataSection):
    """Audio clips, as log-mel frames or as tokens that stand for them."""

    kind: Literal["audio"]
    source: str
    """`plucks`, `fsdd`, or a folder of wav, flac, ogg or mp3 files."""
    representation: Literal["frames", "tokens"] = "frames"
    """What a clip becomes: log-mel frames, or the codes of a vector quantiser, for the generators and estimators of
    tokens."""
    quantiser: Quantiser | None = None
    """How frames become tokens; as usual when null."""
    num_clips: int = Field(2000, ge=10)
    """Training clips drawn from a built-in source."""
    sample_rate: int = Field(8000, ge=1000)
    """Hz; files of other rates are resampled."""
    n_fft: int = Field(256, ge=16)
    """Samples in a window."""
    hop: int = Field(64, ge=1)
    """Samples between windows."""
    num_mels: int = Field(64, ge=4)
    low_hz: float = Field(0.0, ge=0)
    high_hz: float | None = Field(None, gt=0)
    """The upper end of the mel scale; half the sample rate when null."""
    max_seconds: float = Field(1.0, gt=0)
    """Longer clips are cut (counted and reported)."""
    range_db: float = Field(80.0, ge=20)
    """What lies further below the loudest value of the training clips is the floor: silence."""
    trim_db: float | None = Field(40.0, gt=0)
    """Silence this far below the peak is trimmed from both ends; null keeps it."""
    label: str = "folder"
    """`folder`, `none`, or a regular expression on the file's name with a group `label` or, for labels of several
    factors, a group for each: `^(?P<digit>\\d)_(?P<speaker>[a-z]+)_`."""
    decoder: str = "griffin_lim"
    """What turns frames into samples: `griffin_lim`, or the directory of a finished run of a vocoder on the same data,
    whose network is copied into this run when training begins."""
    skip_bad: bool = False
    """Leave out files that cannot be read (named and counted) where they would end the command."""
    valid_share: Share = 0.05
    test_share: Share = 0.1

    @model_validator(mode="after")
    def _mel_settings_fit(self) -> AudioData:
        check_mel_settings(
            sample_rate=self.sample_rate,
            n_fft=self.n_fft,
            hop=self.hop,
            num_mels=self.num_mels,
            low_hz=self.low_hz,
            high_hz=self.high_hz,
            max_seconds=self.max_seconds,
        )
        return self

    @model_validator(mode="after")
    def _the_quantiser_fits(self) -> AudioData:
        if self.quantiser is None:
            return self
        if self.representation == "frames":
            raise ValueError("'quantiser' makes tokens: set representation to tokens, or leave 'quantiser' out")
        longest = max(1, math.ceil(self.max_seconds * self.sample_rate / self.hop))
        if self.quantiser.frames_per_token > longest:
            raise ValueError(
                f"quantiser.frames_per_token {self.quantiser.frames_per_token} is more than a clip has: give at "
                f"most {longest}, or a smaller hop"
            )
        return self

    @property
    def makes_tokens(self) -> bool:
        """Whether its sequences are tokens; frames where not."""
        return self.representation == "tokens"

    @property
    def described(self) -> str:
        """What its sequences are, in words."""
        return f"audio as {self.representation} (data.representation)"


class RowsData(DataSection):
    """Images, read row by row."""

    kind: Literal["rows"]
    source: str
    """`digits`, `mnist`, an idx(.gz) file or folder, a folder of images, or an npy/npz file."""
    label: Literal["folder", "none"] = "folder"
    """`folder` takes the labels that come with the images (of a folder of images, the names of its sub-folders); `none`
    leaves them out."""
    valid_share: Share = 0.05
    test_share: Share = 0.1


def _as_columns(value: Any) -> Any:
    """Let one column stand for a list of one, and null for none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


class SeriesData(DataSection):
    """Tables of numbers in time order, cut into windows."""

    kind: Literal["series"]
    source: str
    """`sines`, `stocks`, `energy`, or the path of a .csv, .csv.gz, .parquet, .npz or .npy file."""
    num_series: int = Field(10_000, ge=10)
    """Series drawn from a built-in source, each of `window` steps."""
    columns: tuple[str, ...] | None = Field(None, min_length=1)
    """The columns that a series is made of; all that have no other role when null."""
    time: str | None = None
    """The column of times (numbers or ISO dates) by which rows are ordered; as they stand when null."""
    group: str | None = None
    """The column that tells one series from another; all rows are one series when null."""
    label: Annotated[tuple[str, ...], BeforeValidator(_as_columns)] = ()
    """The column with the name of a series' class, or several, as `[diagnosis, sex]`: factors of one label, each of
    which may be asked for alone (`generate --label sex=f`)."""
    static: tuple[str, ...] = ()
    """Columns of numbers that do not change within a series; they are generated beside it."""
    newest_first: bool = False
    """The rows of the file stand in reverse."""
    window: int | None = Field(24, ge=2)
    """Steps of a sequence; null takes whole groups, of any length."""
    stride: int = Field(1, ge=1)
    """Rows between the starts of two windows."""
    max_length: int = Field(512, ge=2)
    """Whole groups are cut to so many steps (counted in the corpus's notes)."""
    normalise: Literal["min_max", "z_score", "per_window", "levels"] = "min_max"
    """How values come into [-1, 1], fitted on the training rows: by the range of each column; by its mean and largest
    distance from it; by the range within each window, whose middle and half width are generated beside it; or, for slow
    columns that follow each other, the mean in each window and the movement around it, both half decorrelated."""
    missing: Literal["error", "interpolate", "mask"] = "error"
    """Empty cells end the command, are filled by a line in time, or are learnt and generated as gaps."""
    split: Literal["time", "groups", "random"] | None = None
    """What is held out: the last rows of every group, whole groups, or windows at random (the published protocol, whose
    overlapping windows leak into the test split). When null, `time` for one series and `groups` for several."""
    valid_share: Share = 0.05
    test_share: Share = 0.1

    @model_validator(mode="after")
    def _roles_fit(self) -> SeriesData:
        named = [*(self.columns or ()), *self.static, *self.label, *(one for one in (self.time, self.group) if one)]
        for name in named:
            if named.count(name) > 1:
                raise ValueError(f"the column '{name}' is named twice: give it one role")
        if len(self.label) > 1 and any(set("=,") & set(name) for name in self.label):
            raise ValueError("a column that is one of several factors of 'label' cannot have = or , in its name")
        if self.newest_first and self.time is not None:
            raise ValueError("newest_first has no meaning beside 'time', which orders the rows: leave it out")
        if self.normalise == "levels" and self.missing == "mask":
            raise ValueError(
                "normalise 'levels' mixes the columns of a row, which must be there: use missing: interpolate"
            )
        if self.valid_share + self.test_share >= 1:
            raise ValueError("valid_share and test_share leave nothing to train on: their sum must be below 1")
        return self

    @model_validator(mode="after")
    def _windows_fit(self) -> SeriesData:
        if self.window is None:
            if self.source == "sines":
                raise ValueError("window: 'sines' draws series of that many steps: give a number")
            if self.stride != 1 or self.split == "time":
                raise ValueError(
                    "window null takes whole groups, which have no 'stride' and are not split in time: leave 'stride' "
                    "out and set split to groups, or give a window"
                )
        return self


DataConfig = Annotated[TextData | AudioData | RowsData | SeriesData | EventsData, Field(discriminator="kind")]
