"""Named sets: found in the user's folders, or fetched into the cache."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from seqgan_toolkit.data import named
from seqgan_toolkit.data.named import folder_sha256, locate
from seqgan_toolkit.data.published import NAMED_SETS, NamedSet, PublishedArchive, PublishedFile
from seqgan_toolkit.data.unpack import unpack_matching
from seqgan_toolkit.errors import UserError

ROOT = Path(os.environ.get("SEQGAN_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
TEXT = b"one sentence\nanother one\n"
SMALL = NamedSet(
    "small", "two lines", "none", files=(PublishedFile("train.txt", ("u1", "u2"), hashlib.sha256(TEXT).hexdigest()),)
)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQGAN_DATA", raising=False)
    monkeypatch.setenv("SEQGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(named.NAMED_SETS, "small", SMALL)


def place(root: Path, content: bytes = TEXT) -> Path:
    (root / "small").mkdir(parents=True)
    (root / "small" / "train.txt").write_bytes(content)
    return root / "small"


def serve(monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes]) -> list[str]:
    """Put a dictionary in the place of the network; return the list of what is asked of it."""
    asked: list[str] = []

    def fetch(url: str, path: Path, *, sha256: str | None, advice: str = "") -> Path:
        asked.append(url)
        if url not in contents:
            raise UserError(f"no {url}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[url])
        return path

    monkeypatch.setattr(named, "fetch", fetch)
    return asked


def test_data_root_comes_before_the_variable_and_the_variable_before_the_cache(tmp_path, monkeypatch, capsys) -> None:
    asked = serve(monkeypatch, {"u1": TEXT})
    in_variable, in_root = place(tmp_path / "variable"), place(tmp_path / "root")
    monkeypatch.setenv("SEQGAN_DATA", str(tmp_path / "variable"))
    assert locate("small", tmp_path / "root") == in_root
    assert locate("small") == in_variable
    assert asked == []
    assert capsys.readouterr().err == ""


def test_root_without_the_set_falls_through_to_a_download_that_is_kept(tmp_path, monkeypatch) -> None:
    asked = serve(monkeypatch, {"u2": TEXT})
    (tmp_path / "root").mkdir()
    folder = locate("small", tmp_path / "root")
    assert folder == tmp_path / "cache" / "data" / "small"
    assert (folder / "train.txt").read_bytes() == TEXT
    assert asked == ["u1", "u2"]
    locate("small")
    assert asked == ["u1", "u2"]


def test_failed_download_tells_how_to_do_without_it(tmp_path, monkeypatch) -> None:
    serve(monkeypatch, {})
    with pytest.raises(UserError) as caught:
        locate("small")
    message = str(caught.value)
    assert all(part in message for part in ("no u1", "no u2", "DATA/small/train.txt", "--data-root", "SEQGAN_DATA"))


def test_users_copy_that_differs_is_used_with_a_warning(tmp_path, capsys) -> None:
    folder = place(tmp_path, TEXT.replace(b"\n", b"\r\n"))
    assert locate("small", tmp_path) == folder
    assert "differs from the published file" in capsys.readouterr().err


def test_copy_without_a_file_and_roots_that_are_none(tmp_path) -> None:
    (tmp_path / "small").mkdir()
    with pytest.raises(UserError, match=r"there is no train.txt in it.*has the files train.txt"):
        locate("small", tmp_path)
    with pytest.raises(UserError, match="--data-root is .*which is no folder"):
        locate("small", tmp_path / "absent")
    with pytest.raises(UserError, match="no data set named 'imagenet'; the named ones are coco_captions"):
        locate("imagenet")


def packed(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return stream.getvalue()


def test_archive_is_unpacked_checked_and_removed(tmp_path, monkeypatch) -> None:
    recordings = {"0_ann_1.wav": b"zero", "1_bob_2.wav": b"one"}
    (tmp_path / "right").mkdir()
    for name, content in recordings.items():
        (tmp_path / "right" / name).write_bytes(content)
    digest = folder_sha256(tmp_path / "right")
    archive = PublishedArchive("u/set.tar.gz", "recordings", r"[^/]+/rec/(?P<name>\w+\.wav)", digest, 2)
    monkeypatch.setitem(named.NAMED_SETS, "spoken", NamedSet("spoken", "", "", archive=archive))
    members = {f"set-1/rec/{name}": content for name, content in recordings.items()}
    serve(monkeypatch, {"u/set.tar.gz": packed({"set-1/README.md": b"text", "set-1/rec/extra_0.wav": b"?", **members})})
    with pytest.raises(UserError, match=r"does not hold the published files: 3 of 2 were found"):
        locate("spoken")
    assert list((tmp_path / "cache" / "data" / "spoken").iterdir()) == []
    asked = serve(monkeypatch, {"u/set.tar.gz": packed({"set-1/README.md": b"text", **members})})
    folder = locate("spoken")
    assert [path.name for path in folder.iterdir()] == ["recordings"]
    assert {path.name: path.read_bytes() for path in (folder / "recordings").iterdir()} == recordings
    locate("spoken")
    assert len(asked) == 1


def test_members_that_lead_out_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    content = packed({"../outside.wav": b"x", "/abs.wav": b"x", "in/a.wav": b"a"}, {"in/link.wav": "../../secret"})
    (tmp_path / "set.tar.gz").write_bytes(content)
    unpack_matching(tmp_path / "set.tar.gz", tmp_path / "out", r"(.*/)?(?P<name>\w+\.wav)", check=lambda made: None)
    made = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert made["a.wav"] == b"a"
    assert b"secret" not in made.values()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "secret", "set.tar.gz"]


def test_damaged_archive_leaves_nothing(tmp_path: Path) -> None:
    content = packed({"in/a.wav": b"a" * 100_000, "in/b.wav": os.urandom(100_000)})
    (tmp_path / "set.tar.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack_matching(tmp_path / "set.tar.gz", tmp_path / "out", r"in/(?P<name>\w+\.wav)", check=lambda made: None)
    assert [path.name for path in tmp_path.iterdir()] == ["set.tar.gz"]


@pytest.mark.parametrize("name", ["coco_captions", "emnlp_news", "fsdd", "mnist", "timeseries"])
def test_table_agrees_with_the_published_files(name: str, capsys) -> None:
    if not (ROOT / name).is_dir():
        pytest.skip(f"the published files of {name} are not at hand (set SEQGAN_DATA)")
    assert locate(name, ROOT) == ROOT / name
    assert capsys.readouterr().err == ""
    assert NAMED_SETS[name].licence


def test_a_set_that_is_published_in_another_form_is_asked_for(tmp_path) -> None:
    with pytest.raises(UserError) as caught:
        locate("seqgan_oracle", tmp_path)
    message = str(caught.value)
    assert "cannot be downloaded" in message
    assert all(part in message for part in ("DATA/seqgan_oracle/oracle_lstm.npz", "--data-root", "data.source=oracle"))
