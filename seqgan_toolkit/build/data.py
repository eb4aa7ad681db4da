"""Sources, corpora and domains, from a recipe's `data` section."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgan_toolkit.data.corpus import Corpus
from seqgan_toolkit.data.named import locate
from seqgan_toolkit.data.source import Source, Split
from seqgan_toolkit.domains.base import Domain
from seqgan_toolkit.recipe import schema
from seqgan_toolkit.recipe.differences import different_values

if TYPE_CHECKING:
    from seqgan_toolkit.domains.audio.clips import ClipStore
    from seqgan_toolkit.domains.audio.features import FeatureSpec
    from seqgan_toolkit.domains.quantiser import QuantiserSpec

BUILT_IN_SEED = 0
"""Built-in sources are data sets: they are the same for every run, and only the training varies with its seed."""
NAMED_SERIES = {"stocks": "stock_data.csv", "energy": "energy_data.csv"}
"""The files of the named set `timeseries`, each a source of its own."""


def prepare_corpus(config: schema.DataConfig, directory: Path, *, data_root: Path | None, seed: int) -> Corpus:
    """Read the source of a recipe and write its corpus.

    Args:
        config: the recipe's `data` section.
        directory: where the corpus goes.
        data_root: the folder in which named data sets are looked for first.
        seed: of what the domain draws while it fits (sub-word samples).

    Raises:
        UserError: the source is missing or damaged.
    """
    match config:
        case schema.TextData():
            return _prepare_text(config, directory, data_root, seed)
        case schema.AudioData():
            return _prepare_audio(config, directory, data_root, seed)
        case schema.RowsData():
            return _prepare_rows(config, directory, data_root, seed)
        case schema.SeriesData():
            return _prepare_series(config, directory, data_root)
        case schema.EventsData():
            return _prepare_events(config, directory, seed)


def domain_from_state(kind: str, state: dict[str, Any]) -> Domain:
    """Rebuild the fitted domain of a kind from what a corpus or a checkpoint carries."""
    match kind:
        case "text":
            from seqgan_toolkit.domains.text.domain import TextDomain

            return TextDomain.from_state(state)
        case "audio":
            from seqgan_toolkit.domains.audio.domain import AudioDomain

            return AudioDomain.from_state(state)
        case "rows":
            from seqgan_toolkit.domains.rows.domain import RowsDomain

            return RowsDomain.from_state(state)
        case "series":
            from seqgan_toolkit.domains.series.domain import SeriesDomain

            return SeriesDomain.from_state(state)
        case "events":
            from seqgan_toolkit.domains.events.domain import EventsDomain

            return EventsDomain.from_state(state)
    raise AssertionError(kind)


def not_as_prepared(config: schema.DataConfig, state: dict[str, Any]) -> list[str]:
    """Return in which settings a recipe asks for other sounds than those a domain's state was fitted to."""
    if not isinstance(config, schema.AudioData):
        return []
    quantiser = _quantiser_spec(config)
    asked = {**asdict(_feature_spec(config)), "quantiser": None if quantiser is None else asdict(quantiser)}
    return different_values(asked, {**state["spec"], "quantiser": state.get("quantiser", {}).get("spec")})


def originals_of(kind: str, corpus: Corpus, split: Split) -> ClipStore | None:
    """Return the raw data behind the sequences of a split, where the corpus keeps them: the waveforms of clips."""
    if kind != "audio":
        return None
    from seqgan_toolkit.domains.audio.clips import ClipStore

    return ClipStore(corpus.directory, split)


def _prepare_text(config: schema.TextData, directory: Path, data_root: Path | None, seed: int) -> Corpus:
    from seqgan_toolkit.domains.text.domain import TextSpec
    from seqgan_toolkit.domains.text.prepare import prepare_text

    if config.is_oracle:
        return _prepare_oracle(config, directory, data_root)
    spec = TextSpec(**config.model_dump(include={"tokenizer", "vocabulary_size", "lowercase", "max_length"}))
    return prepare_text(_text_source(config, data_root), directory, spec, seed=seed)


def _prepare_oracle(config: schema.TextData, directory: Path, data_root: Path | None) -> Corpus:
    from seqgan_toolkit.domains.text.oracle import OracleLSTM
    from seqgan_toolkit.domains.text.oracle_corpus import prepare_oracle

    if config.source == "oracle":
        oracle = OracleLSTM.seeded(BUILT_IN_SEED)
    else:
        path = _path(config.source, ("seqgan_oracle",), data_root)
        oracle = OracleLSTM.load(path / "oracle_lstm.npz" if path.is_dir() else path)
    return prepare_oracle(
        oracle, directory, num_sentences=config.num_sentences, length=config.max_length, seed=BUILT_IN_SEED
    )


def _text_source(config: schema.TextData, data_root: Path | None) -> Source:
    from seqgan_toolkit.domains.text.files import TextFileSource
    from seqgan_toolkit.domains.text.grammar import GrammarSource

    if config.source == "grammar":
        return GrammarSource(config.num_sentences, BUILT_IN_SEED)
    return TextFileSource(
        _path(config.source, ("coco_captions", "emnlp_news"), data_root),
        label_file=None if config.label_file is None else Path(config.label_file).expanduser(),
        **config.model_dump(include={"valid_share", "test_share", "field", "label_field"}),
    )


def _prepare_audio(config: schema.AudioData, directory: Path, data_root: Path | None, seed: int) -> Corpus:
    from seqgan_toolkit.domains.audio.prepare import prepare_audio
    from seqgan_toolkit.domains.audio.prepare_tokens import prepare_audio_tokens

    source, spec, tokens = _audio_source(config, data_root), _feature_spec(config), _quantiser_spec(config)
    if tokens is None:
        return prepare_audio(source, directory, spec, seed=seed, skip_bad=config.skip_bad)
    return prepare_audio_tokens(source, directory, spec, tokens, seed=seed, skip_bad=config.skip_bad)


def _feature_spec(config: schema.AudioData) -> FeatureSpec:
    from seqgan_toolkit.domains.audio.features import FeatureSpec

    return FeatureSpec(**config.model_dump(include={field.name for field in fields(FeatureSpec)}))


def _quantiser_spec(config: schema.AudioData) -> QuantiserSpec | None:
    from seqgan_toolkit.domains.quantiser import QuantiserSpec

    return QuantiserSpec(**(config.quantiser or schema.Quantiser()).model_dump()) if config.makes_tokens else None


def _audio_source(config: schema.AudioData, data_root: Path | None) -> Source:
    from seqgan_toolkit.domains.audio.folder import AudioFolderSource, fsdd_source
    from seqgan_toolkit.domains.audio.plucks import PlucksSource

    if config.source == "plucks":
        return PlucksSource(num_clips=config.num_clips, sample_rate=config.sample_rate, seed=BUILT_IN_SEED)
    if config.source == "fsdd":
        own_label = {} if config.label == "folder" else {"label": config.label}
        return fsdd_source(locate("fsdd", data_root) / "recordings", valid_share=config.valid_share, **own_label)
    return AudioFolderSource(
        Path(config.source).expanduser(),
        label=config.label,
        valid_share=config.valid_share,
        test_share=config.test_share,
    )


def _prepare_rows(config: schema.RowsData, directory: Path, data_root: Path | None, seed: int) -> Corpus:
    from seqgan_toolkit.domains.rows.prepare import prepare_rows
    from seqgan_toolkit.domains.rows.reading import rows_source
    from seqgan_toolkit.domains.rows.spec import RowsSpec

    spec = RowsSpec(**config.model_dump(include={"label", "valid_share", "test_share"}))
    return prepare_rows(rows_source(config.source, spec, data_root=data_root), directory, spec, seed=seed)


def _prepare_series(config: schema.SeriesData, directory: Path, data_root: Path | None) -> Corpus:
    from seqgan_toolkit.domains.series.prepare import prepare_series
    from seqgan_toolkit.domains.series.reading import open_table
    from seqgan_toolkit.domains.series.sines import sines_table
    from seqgan_toolkit.domains.series.spec import Roles, SeriesSpec

    roles = {"columns", "time", "group", "label", "static"}
    spec = SeriesSpec(**config.model_dump(exclude={"kind", "source", "num_series", *roles}))
    if config.source == "sines":
        assert config.window is not None
        raw = sines_table(config.num_series, config.window, BUILT_IN_SEED)
    elif config.source in NAMED_SERIES:
        raw = open_table(locate("timeseries", data_root) / NAMED_SERIES[config.source])
    else:
        raw = open_table(Path(config.source).expanduser())
    return prepare_series(raw, directory, Roles(**config.model_dump(include=roles)), spec)


def _prepare_events(config: schema.EventsData, directory: Path, seed: int) -> Corpus:
    from seqgan_toolkit.domains.events.prepare import prepare_events
    from seqgan_toolkit.domains.events.spec import EventSpec

    about_files = {"kind", "source", "num_tunes", "skip_bad", "valid_share", "test_share"}
    spec = EventSpec(**config.model_dump(exclude=about_files))
    return prepare_events(_events_source(config), directory, spec, seed=seed, skip_bad=config.skip_bad)


def _events_source(config: schema.EventsData) -> Source:
    from seqgan_toolkit.domains.events.folder import MidiFolderSource
    from seqgan_toolkit.domains.events.melodies import MelodiesSource

    if config.source == "melodies":
        return MelodiesSource(config.num_tunes, BUILT_IN_SEED)
    folder = Path(config.source).expanduser()
    return MidiFolderSource(folder, valid_share=config.valid_share, test_share=config.test_share)


def _path(source: str, named: tuple[str, ...], data_root: Path | None) -> Path:
    return locate(source, data_root) if source in named else Path(source).expanduser()
