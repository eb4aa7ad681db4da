"""Downloads a published file: with progress, resumed after a cut, its checksum verified before it counts."""

from __future__ import annotations

import hashlib
import http.client
import math
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from seqgan_toolkit.console import track
from seqgan_toolkit.errors import UserError

BLOCK_BYTES = 2**16
RETRIED_STATUS = frozenset({408, 429, 500, 502, 503, 504})
"""HTTP answers after which another attempt may succeed."""
RANGE_NOT_SATISFIABLE = 416


def fetch(
    url: str,
    path: Path,
    *,
    sha256: str | None,
    advice: str = "",
    attempts: int = 4,
    pause: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Download `url` to `path`, which appears only when it is whole and its checksum is right.

    What has arrived is kept beside it as `NAME.part`, so that a cut download goes on where it stopped, in the next
    attempt or in the next command.

    Args:
        url: an http(s) address.
        path: the file to make; its folder is made as well.
        sha256: the published file's checksum in hexadecimal digits, or None where the caller checks the content.
        advice: a sentence for the error message on how to do without the download.
        attempts: how often a cut or refused connection is tried.
        pause: seconds before the second attempt; doubled before each further one.
        timeout: seconds without an answer after which a connection counts as cut.

    Raises:
        UserError: the file cannot be had, or it is not the published one; then nothing is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    resumed = part.exists()
    _receive(url, part, f"cannot download {url} to {path}", advice, attempts, pause, timeout)
    found = file_sha256(part)
    if resumed and sha256 not in (None, found):
        # The remains of an older download may be of another version of the file: once more, from its beginning.
        part.unlink()
        _receive(url, part, f"cannot download {url} to {path}", advice, attempts, pause, timeout)
        found = file_sha256(part)
    if sha256 not in (None, found):
        part.unlink()
        raise UserError(
            f"{url} is not the published file: its sha256 is {found}, and {sha256} was expected; nothing was kept. "
            f"{advice}".rstrip()
        )
    with open(part, "rb") as written:
        os.fsync(written.fileno())
    os.replace(part, path)
    return path


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's content in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _CutError(Exception):
    """The connection ended before the file did."""


def _receive(url: str, part: Path, failure: str, advice: str, attempts: int, pause: float, timeout: float) -> None:
    """Fill `part`, in several attempts where the connection fails."""
    reason = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        try:
            _receive_rest(url, part, timeout)
            return
        except urllib.error.HTTPError as error:
            error.close()
            reason = f"HTTP {error.code} {error.reason}"
            if error.code == RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
            elif error.code not in RETRIED_STATUS:
                break
        except urllib.error.URLError as error:
            reason = str(error.reason)
        except (_CutError, OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
    kept = ""
    if part.exists() and part.stat().st_size:
        kept = f" What has arrived is kept in {part.name} beside it: run the same command again to go on."
    else:
        part.unlink(missing_ok=True)
    raise UserError(f"{failure}: {reason}.{kept} {advice}".rstrip())


def _receive_rest(url: str, part: Path, timeout: float) -> None:
    """Append to `part` what it lacks; a server that cannot resume sends everything, and `part` starts anew."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "seqgan-toolkit"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=timeout) as response:
        resumes = response.status == http.client.PARTIAL_CONTENT
        length = response.headers.get("Content-Length")
        expected = None if length is None else int(length)
        blocks = None if expected is None else math.ceil(expected / BLOCK_BYTES)
        name = part.name.removesuffix(".part")
        received = 0
        with open(part, "ab" if resumes else "wb") as file:
            for block in track(_blocks(response), f"downloading {name} (blocks of 64 KiB)", blocks):
                file.write(block)
                received += len(block)
    if expected is not None and received < expected:
        raise _CutError(f"the connection was cut after {received} of {expected} bytes")


def _blocks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while block := response.read(BLOCK_BYTES):
        yield block
