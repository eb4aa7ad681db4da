"""Unpacks the wanted files of a tar archive into one folder, all or none."""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from seqgan_toolkit.console import track
from seqgan_toolkit.errors import UserError


def unpack_matching(archive: Path, folder: Path, member: str, *, check: Callable[[Path], None]) -> None:
    """Unpack the regular files whose whole path matches `member` into `folder`, which appears when all is well.

    No path of the archive is ever used as a path on disk: a file is written under the name that the group `name`
    captured, so links, devices and paths that lead out of the folder cannot do harm.

    Args:
        archive: a tar file, packed or not.
        folder: where the files go; a folder that is there is replaced.
        member: a regular expression with a group `name`, which must not match a path separator.
        check: called with the folder before it is moved to its place; what it raises leaves nothing behind.

    Raises:
        UserError: the archive is damaged.
    """
    pattern = re.compile(member)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        made = Path(temporary) / folder.name
        made.mkdir()
        try:
            with tarfile.open(archive) as packed:
                for item in track(packed, f"unpacking {archive.name}"):
                    match = pattern.fullmatch(item.name)
                    content = packed.extractfile(item) if match and item.isreg() else None
                    if match and content is not None:
                        with content, open(made / Path(match["name"]).name, "wb") as file:
                            shutil.copyfileobj(content, file)
        except (tarfile.TarError, EOFError, OSError) as error:
            raise UserError(f"{archive}: cannot be unpacked ({error}): get it again") from error
        check(made)
        if folder.exists():
            shutil.rmtree(folder)
        made.replace(folder)
