"""The downloader against a server on this machine that cuts, refuses and lies."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from seqgan_toolkit.data.download import fetch
from seqgan_toolkit.errors import UserError

CONTENT = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `content`; each entry of `cuts` ends one answer after so many bytes, each of `statuses` refuses one."""

    daemon_threads = True

    def __init__(self, *, cuts=(), statuses=(), ranges=True, content=CONTENT) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.cuts, self.statuses, self.ranges, self.content = list(cuts), list(statuses), ranges, content
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/set.bin"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        if start and start >= len(self.server.content):
            self.send_error(416)
            return
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.cuts.pop(0)] if self.server.cuts else body)

    def log_message(self, *_) -> None:
        pass


@contextmanager
def serving(**options) -> Iterator[Server]:
    with Server(**options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_whole_file_arrives_alone(tmp_path: Path) -> None:
    with serving() as server:
        path = fetch(server.url, tmp_path / "new" / "set.bin", sha256=SHA256)
    assert path.read_bytes() == CONTENT
    assert names(tmp_path / "new") == ["set.bin"]


def test_cut_connection_resumes_where_it_stopped(tmp_path: Path) -> None:
    with serving(cuts=[100_000, 50_000]) as server:
        path = fetch(server.url, tmp_path / "set.bin", sha256=SHA256, pause=0)
    assert path.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]
    assert names(tmp_path) == ["set.bin"]


def test_server_without_ranges_starts_anew(tmp_path: Path) -> None:
    with serving(cuts=[100_000], ranges=False) as server:
        path = fetch(server.url, tmp_path / "set.bin", sha256=SHA256, pause=0)
    assert path.read_bytes() == CONTENT


def test_connection_cut_every_time_fails_cleanly_and_the_next_command_goes_on(tmp_path: Path) -> None:
    with serving(cuts=[10_000, 10_000]) as server:
        with pytest.raises(UserError) as caught:
            fetch(server.url, tmp_path / "set.bin", sha256=SHA256, attempts=2, pause=0, advice="Do it by hand.")
        message = str(caught.value)
        assert server.url in message
        assert str(tmp_path / "set.bin") in message
        assert "cut after 10000 of 290000 bytes" in message
        assert message.endswith("Do it by hand.")
        assert names(tmp_path) == ["set.bin.part"]
        assert fetch(server.url, tmp_path / "set.bin", sha256=SHA256).read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=20000-"
    assert names(tmp_path) == ["set.bin"]


def test_wrong_checksum_is_refused_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with serving(content=b"another file") as server, pytest.raises(UserError, match="is not the published file"):
        fetch(server.url, tmp_path / "set.bin", sha256=SHA256)
    assert len(server.asked) == 1
    assert names(tmp_path) == []


def test_wrong_checksum_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "set.bin").write_bytes(b"the old one")
    with serving(content=b"another file") as server, pytest.raises(UserError):
        fetch(server.url, tmp_path / "set.bin", sha256=SHA256)
    assert (tmp_path / "set.bin").read_bytes() == b"the old one"


@pytest.mark.parametrize("stale", [b"x" * 1000, b"x" * len(CONTENT)])
def test_remains_of_another_version_are_thrown_away(tmp_path: Path, stale: bytes) -> None:
    (tmp_path / "set.bin.part").write_bytes(stale)
    with serving() as server:
        path = fetch(server.url, tmp_path / "set.bin", sha256=SHA256, pause=0)
    assert path.read_bytes() == CONTENT
    assert names(tmp_path) == ["set.bin"]


def test_busy_server_is_asked_again(tmp_path: Path) -> None:
    with serving(statuses=[503, 500]) as server:
        fetch(server.url, tmp_path / "set.bin", sha256=SHA256, pause=0)
    assert len(server.asked) == 3


def test_missing_file_is_not_asked_for_twice(tmp_path: Path) -> None:
    with serving(statuses=[404]) as server, pytest.raises(UserError, match="HTTP 404 Not Found"):
        fetch(server.url, tmp_path / "set.bin", sha256=SHA256, pause=0)
    assert len(server.asked) == 1
    assert names(tmp_path) == []


def test_no_network_names_the_address(tmp_path: Path) -> None:
    with serving() as server:
        url = server.url
    with pytest.raises(UserError, match="Connection refused") as caught:
        fetch(url, tmp_path / "set.bin", sha256=SHA256, attempts=2, pause=0)
    assert url in str(caught.value)
    assert names(tmp_path) == []
