"""docs/recipes.md says what the schema says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_reference_of_recipes_is_up_to_date() -> None:
    result = subprocess.run([sys.executable, "docs/build_recipe_reference.py", "--check"], cwd=ROOT)
    assert result.returncode == 0, "run: python docs/build_recipe_reference.py"
