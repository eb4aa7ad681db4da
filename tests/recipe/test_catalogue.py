from __future__ import annotations

from pathlib import Path

import pytest

import seqgan_toolkit
from seqgan_toolkit.recipe import catalogue as module
from seqgan_toolkit.recipe.catalogue import catalogue, catalogue_directory


def test_entries_have_the_first_line_of_their_header(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("#\n# Sentences by an LSTM.\n# More.\nname: a\n", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.yaml").write_text("name: b\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("# no recipe", encoding="utf-8")
    assert [(entry.name, entry.summary) for entry in catalogue(tmp_path)] == [
        ("a", "Sentences by an LSTM."),
        ("deep/b", ""),
    ]


def test_shipped_recipes_say_what_they_are_in_one_line() -> None:
    assert [entry.name for entry in catalogue() if not entry.summary.endswith(".")] == []


def test_a_source_checkout_uses_the_recipes_beside_the_package() -> None:
    assert catalogue_directory() == Path(seqgan_toolkit.__file__).parent.parent / "recipes"


def test_a_wheel_uses_the_recipes_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "seqgan_toolkit" / "recipes"
    inside.mkdir(parents=True)
    monkeypatch.setattr(module, "files", lambda package: tmp_path / package)
    assert catalogue_directory() == inside
