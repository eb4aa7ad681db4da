"""The picture in docs/architecture.md holds: rooms import downwards only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_rooms_import_downwards_only() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_the_upper_rooms_know_the_recipe() -> None:
    package = ROOT / "seqgan_toolkit"
    readers = {
        path.relative_to(package).parts[0].removesuffix(".py")
        for path in package.rglob("*.py")
        if "seqgan_toolkit.recipe.schema" in path.read_text(encoding="utf-8")
    }
    assert readers <= {"recipe", "build", "stages", "api"}
