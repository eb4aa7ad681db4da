"""One sample of an earlier call, made once more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqgan_toolkit import stages
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.generation import Wanted


@pytest.mark.parametrize("how", [{"temperature": 0.5}, {"reject": 0.5}, {"interpolate": 3, "label": "2"}, {"num": 520}])
def test_a_sample_comes_back_alone(rows_run: Path, tmp_path: Path, how: dict[str, Any]) -> None:
    wanted = Wanted(**{"num": 12, "seed": 5, **how})
    all_of_them = stages.sample(rows_run, wanted)
    stages.generate(rows_run, wanted, out=tmp_path / "all")
    for index in (0, len(all_of_them) - 1):
        (again,) = stages.sample(rows_run, Wanted(again=tmp_path / "all" / "samples.json", index=index))
        np.testing.assert_array_equal(again, all_of_them[index])


def test_its_noise_with_another_label(rows_run: Path, tmp_path: Path) -> None:
    stages.generate(rows_run, Wanted(num=10, seed=5), out=tmp_path / "all")
    earlier = tmp_path / "all" / "samples.json"
    one = [stages.sample(rows_run, Wanted(again=earlier, index=4, label=label))[0] for label in ("4", "7")]
    np.testing.assert_array_equal(one[0], stages.sample(rows_run, Wanted(again=earlier, index=4))[0])
    assert not np.array_equal(one[0], one[1])
    stages.generate(rows_run, Wanted(again=earlier, index=4, label="7"), out=tmp_path / "one")
    described = json.loads((tmp_path / "one" / "samples.json").read_text(encoding="utf-8"))
    assert [sample["label"] for sample in described["samples"]] == ["7"]
    with pytest.raises(UserError, match=r"was made again from .*all/samples.json: name that file"):
        stages.sample(rows_run, Wanted(again=tmp_path / "one" / "samples.json", index=0))


def test_another_model_or_no_such_sample_is_refused(rows_run: Path, tmp_path: Path) -> None:
    stages.generate(rows_run, Wanted(num=3), out=tmp_path / "all")
    earlier = tmp_path / "all" / "samples.json"
    with pytest.raises(UserError, match="has the samples 0 to 2"):
        stages.sample(rows_run, Wanted(again=earlier, index=3))
    other = tmp_path / "other"
    shutil.copytree(rows_run, other)
    (other / "checkpoints" / "adversarial.pt").write_bytes((rows_run / "checkpoints" / "step-00000001.pt").read_bytes())
    with pytest.raises(UserError, match=r"as it is now \(other: checkpoint\)"):
        stages.sample(other, Wanted(again=earlier, index=0))
    (tmp_path / "no.json").write_text("[]")
    with pytest.raises(UserError, match=r"no.json: this is not a samples.json"):
        stages.sample(rows_run, Wanted(again=tmp_path / "no.json", index=0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"index": 1}, "--again and --index go together"),
        ({"again": Path("samples.json")}, "--again and --index go together"),
        ({"again": Path("samples.json"), "index": 1, "top_k": 3}, "so --top-k would have no meaning"),
        ({"seconds": 0.0}, "--seconds must be above 0, found 0"),
        ({"seconds": 1.0, "interpolate": 3}, "so --interpolate would have no meaning"),
    ],
)
def test_what_excludes_each_other(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Wanted(**settings)


def test_images_have_no_seconds(rows_run: Path) -> None:
    with pytest.raises(UserError, match="--seconds says how long clips of audio are, and this model makes rows"):
        stages.sample(rows_run, Wanted(seconds=1.0))
