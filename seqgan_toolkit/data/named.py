"""Finds the named data sets: in the user's data root, in the cache, or at their publishers."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from seqgan_toolkit.console import say
from seqgan_toolkit.data.download import fetch, file_sha256
from seqgan_toolkit.data.published import NAMED_SETS, NamedSet, PublishedArchive, PublishedFile
from seqgan_toolkit.data.unpack import unpack_matching
from seqgan_toolkit.errors import UserError

DATA_VARIABLE = "SEQGAN_DATA"
CACHE_VARIABLE = "SEQGAN_CACHE"


def cache_directory() -> Path:
    """Return where the toolkit keeps what it can make or fetch again: SEQGAN_CACHE, or a folder in ~/.cache."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "seqgan-toolkit"


def locate(name: str, data_root: Path | None = None) -> Path:
    """Return the folder with the files of a named set, downloading them where they are not at hand.

    It is looked for as `<root>/<name>` in `data_root`, then in SEQGAN_DATA, then in the cache. A user's own copy that
    is not the published one is used with a warning; it may be meant.

    Args:
        name: a key of `NAMED_SETS`.
        data_root: the folder given with --data-root, if any.

    Raises:
        UserError: there is no such set, a root is no folder, a copy lacks files, or a download failed.
    """
    if name not in NAMED_SETS:
        raise UserError(f"there is no data set named '{name}'; the named ones are {', '.join(NAMED_SETS)}")
    named = NAMED_SETS[name]
    for option, root in _roots(data_root):
        if not root.is_dir():
            raise UserError(f"{option} is {root}, which is no folder: give the folder that holds '{name}/'")
        if (root / name).is_dir():
            _check_copy(named, root / name)
            return root / name
    return _cached(named, cache_directory() / "data" / name)


def folder_sha256(folder: Path) -> str:
    """Return one checksum for all files of a folder: sha256 over the lines `NAME SHA256`, sorted by name."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def _roots(data_root: Path | None) -> list[tuple[str, Path]]:
    roots = [] if data_root is None else [("--data-root", data_root.expanduser())]
    variable = os.environ.get(DATA_VARIABLE)
    return [*roots, (DATA_VARIABLE, Path(variable).expanduser())] if variable else roots


def _check_copy(named: NamedSet, folder: Path) -> None:
    """Warn of a user's copy that differs from the published set; refuse one that lacks files."""
    for file in named.files:
        path, unzipped = folder / file.name, folder / file.name.removesuffix(".gz")
        if path.is_file():
            if file_sha256(path) != file.sha256:
                say(f"warning: {path} differs from the published file (sha256 {file.sha256}); it is used as it is")
        elif not unzipped.is_file():
            raise UserError(
                f"{folder}: there is no {file.name} in it; the data set '{named.name}' has the files "
                f"{', '.join(each.name for each in named.files)} ({', '.join(file.urls[:1]) or named.about})"
            )
    archive = named.archive
    if archive is not None and not _is_whole(archive, folder):
        if not (folder / archive.folder).is_dir():
            raise UserError(f"{folder}: there is no folder {archive.folder}/ in it; unpack it from {archive.url}")
        say(f"warning: {folder / archive.folder} differs from the published set; it is used as it is")


def _cached(named: NamedSet, folder: Path) -> Path:
    """Complete the cached copy and return it."""
    missing = [file for file in named.files if not _is_right(file, folder)]
    unpack = named.archive is not None and not _is_whole(named.archive, folder)
    for file in missing:
        if not file.urls:
            raise UserError(
                f"the data set '{named.name}' cannot be downloaded. {_place(named, file.name)} {named.about}"
            )
    if missing or unpack:
        say(f"downloading {named.name} to {folder} ({named.about}; licence: {named.licence})")
    for file in missing:
        _fetch_from_any(file, folder, _by_hand(named, file.name))
    if named.archive is not None and unpack:
        _fetch_archive(named, named.archive, folder)
    return folder


def _is_right(file: PublishedFile, folder: Path) -> bool:
    path = folder / file.name
    return path.is_file() and file_sha256(path) == file.sha256


def _is_whole(archive: PublishedArchive, folder: Path) -> bool:
    unpacked = folder / archive.folder
    if not unpacked.is_dir() or sum(1 for _ in unpacked.iterdir()) != archive.num_files:
        return False
    return folder_sha256(unpacked) == archive.digest


def _by_hand(named: NamedSet, file: str) -> str:
    return f"To do without the download: {_place(named, file)}"


def _place(named: NamedSet, file: str) -> str:
    return (
        f"Put the file at DATA/{named.name}/{file} on this machine and give --data-root DATA, "
        f"or set {DATA_VARIABLE}=DATA."
    )


def _fetch_from_any(file: PublishedFile, folder: Path, advice: str) -> None:
    failures = []
    for url in file.urls:
        try:
            fetch(url, folder / file.name, sha256=file.sha256)
            return
        except UserError as error:
            failures.append(str(error))
    raise UserError("\n".join([*failures, advice]))


def _fetch_archive(named: NamedSet, archive: PublishedArchive, folder: Path) -> None:
    advice = _by_hand(named, f"{archive.folder}/ (unpacked)")
    packed = fetch(archive.url, folder / archive.url.rsplit("/", 1)[1], sha256=None, advice=advice)
    try:
        unpack_matching(packed, folder / archive.folder, archive.member, check=lambda made: _refuse(archive, made))
    finally:
        packed.unlink()


def _refuse(archive: PublishedArchive, unpacked: Path) -> None:
    found = folder_sha256(unpacked)
    if found != archive.digest:
        count = sum(1 for _ in unpacked.iterdir())
        raise UserError(
            f"{archive.url} does not hold the published files: {count} of {archive.num_files} were found, and their "
            f"checksum is {found} where {archive.digest} was expected; nothing was kept"
        )
