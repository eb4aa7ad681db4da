"""The code in docs/extending.md runs as it stands there, and docs name what there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "extending.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"# (\w+\.py)\n")


def sections() -> dict[str, list[str]]:
    """Return the Python blocks of every section that has some."""
    parts = re.split(r"^## (.*)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {title: BLOCK.findall(text) for title, text in zip(parts[::2], parts[1::2], strict=True)}
    return {title: blocks for title, blocks in found.items() if blocks}


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working directory in which modules are found, and forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("my_"):
            del sys.modules[name]


def test_every_kind_of_part_has_its_section() -> None:
    text = " ".join(sections())
    for part in ("encoder", "cell", "loss", "source", "domain", "metric"):
        assert part in text


@pytest.mark.parametrize("title", sections())
def test_the_code_of_a_section_runs(title: str, workplace: Path) -> None:
    names: dict[str, Any] = {"__name__": "extending"}
    for block in sections()[title]:
        file = FILE.match(block)
        if file:
            (workplace / file[1]).write_text(block, encoding="utf-8")
        else:
            exec(compile(block, f"docs/extending.md: {title}", "exec"), names)


def test_every_test_that_the_list_of_defects_names_is_there() -> None:
    section = (ROOT / "docs" / "text.md").read_text(encoding="utf-8").split("## What published code gets wrong")[1]
    named = set(re.findall(r"`(test_\w+)`", section.split("\n## ")[0]))
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) >= 10
    assert {name for name in named if f"def {name}(" not in written} == set()
