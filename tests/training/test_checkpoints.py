from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
import torch

from seqgan_toolkit.errors import RunError, UserError
from seqgan_toolkit.training.checkpoints import Checkpoints, load


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints", keep=2)


def state(step: int) -> dict[str, Any]:
    return {"step": step, "weights": torch.full((1000,), float(step)), "names": ("a", "b"), "none": None}


def names(checkpoints: Checkpoints) -> list[str]:
    return sorted(path.name for path in checkpoints.directory.iterdir())


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def save(_: Any, path: Path) -> None:
        Path(path).write_bytes(b"half of a checkpoint")
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(torch, "save", save)


def test_the_newest_are_kept(checkpoints: Checkpoints) -> None:
    for step in (1, 2, 10):
        checkpoints.save(state(step), step)
    checkpoints.save_phase("adversarial", state(10))
    assert names(checkpoints) == ["adversarial.pt", "step-00000002.pt", "step-00000010.pt"]
    newest = checkpoints.newest()
    assert newest is not None
    assert (newest["step"], newest["names"], newest["none"]) == (10, ("a", "b"), None)
    assert torch.equal(newest["weights"], state(10)["weights"])


def test_without_checkpoints_there_is_no_newest(checkpoints: Checkpoints) -> None:
    assert checkpoints.newest() is None
    checkpoints.save_phase("teacher_forcing", state(1))
    assert checkpoints.newest() is None


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage"])
def test_a_damaged_one_gives_way_to_the_one_before(
    checkpoints: Checkpoints, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoints.save(state(1), 1)
    path = checkpoints.save(state(2), 2)
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "garbage": b"\x80\x04nonsense"}[damage])
    newest = checkpoints.newest()
    assert newest is not None
    assert newest["step"] == 1
    assert "step-00000002.pt: this checkpoint cannot be read" in capsys.readouterr().err


def test_no_checkpoint_can_be_read(checkpoints: Checkpoints) -> None:
    for step in (1, 2):
        checkpoints.save(state(step), step).write_bytes(b"")
    with pytest.raises(UserError, match=r"none of 2 checkpoint\(s\) can be read; remove them to start over"):
        checkpoints.newest()


def test_a_full_disk_leaves_the_last_good_one(checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in (1, 2):
        checkpoints.save(state(step), step)
    full_disk(monkeypatch)
    with pytest.raises(RunError, match="disk is full.*Checkpoints that stay: step-00000001.pt, step-00000002.pt"):
        checkpoints.save(state(3), 3)
    assert names(checkpoints) == ["step-00000001.pt", "step-00000002.pt"]
    newest = checkpoints.newest()
    assert newest is not None
    assert newest["step"] == 2


def test_a_full_disk_leaves_the_old_file_of_the_same_name(
    checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints.save(state(1), 1)
    full_disk(monkeypatch)
    with pytest.raises(RunError):
        checkpoints.save(state(7), 1)
    newest = checkpoints.newest()
    assert newest is not None
    assert newest["step"] == 1


def test_an_interrupt_while_writing_leaves_nothing(checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(_: Any, path: Path) -> None:
        Path(path).write_bytes(b"half of a checkpoint")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(state(1), 1)
    assert names(checkpoints) == []


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "sprung",)

    torch.save({"weights": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path / "trap.pt")
    assert not (tmp_path / "sprung").exists()
