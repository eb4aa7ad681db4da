"""Which recipes read which files: said where data were given to a recipe of another kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

READERS = {
    "text_lstm": (".txt", ".jsonl", ".ndjson"),
    "audio_lstm": (".wav", ".flac", ".ogg", ".mp3"),
    "audio_events": (".mid", ".midi"),
    "mnist_lstm": (".png", ".jpg", ".jpeg"),
    "series_relativistic": (".csv", ".parquet"),
}
"""For each kind of data a recipe, and what only it reads."""


def read_elsewhere(paths: Iterable[Path]) -> str:
    """Return the end of a message: a recipe for the most frequent kind of file, or nothing where none is known."""
    recipes = {suffix: recipe for recipe, suffixes in READERS.items() for suffix in suffixes}
    known = Counter(suffix for path in paths if (suffix := path.suffix.lower()) in recipes)
    if not known:
        return ""
    (suffix, _), *_ = known.most_common(1)
    return f"; {suffix} files are for recipes such as {recipes[suffix]}"
