"""The losses of ten steps of each phase, as they were: a change that is not numerical leaves them as they are.

After a change that is meant to be numerical, write them anew and look at the difference before it is committed:

    RENEW_GOLDEN=1 python -m pytest tests/test_golden.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.recipe.loading import parse_recipe

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("family", ["text", "rows", "audio", "series", "timegan", "vocoder"])
def test_losses_are_as_they_were(family: str, sentences: Path, tmp_path: Path) -> None:
    text = (GOLDEN / f"{family}.yaml").read_text(encoding="utf-8").replace("SENTENCES", str(sentences))
    stages.train(parse_recipe(text, f"golden/{family}.yaml"), tmp_path / "run")
    lines = (tmp_path / "run" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    found = [losses(json.loads(line)) for line in lines]
    path = GOLDEN / f"{family}.json"
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        pytest.skip(f"{path.name} is written anew")
    expected = json.loads(path.read_text(encoding="utf-8"))
    assert [sorted(step) for step in found] == [sorted(step) for step in expected]
    for number, (now, before) in enumerate(zip(found, expected, strict=True), start=1):
        assert now == pytest.approx(before, rel=1e-4), f"line {number} of metrics.jsonl"


def losses(line: dict[str, float]) -> dict[str, float]:
    return {key: value for key, value in line.items() if key.endswith(("/loss", "/penalty"))}
