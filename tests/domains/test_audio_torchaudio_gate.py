import importlib
import subprocess
import sys

import pytest

from seqgan_toolkit.domains.audio.torchaudio_gate import load_torchaudio
from seqgan_toolkit.errors import UserError


@pytest.mark.parametrize(
    "failure", ["raise OSError('libcudart.so.13: cannot open')", "raise RuntimeError('built for CUDA 13.2')"]
)
def test_a_torchaudio_that_does_not_import_ends_in_one_message(tmp_path, monkeypatch, failure):
    (tmp_path / "torchaudio.py").write_text(failure)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchaudio", raising=False)
    importlib.invalidate_caches()
    with pytest.raises(UserError) as caught:
        load_torchaudio()
    message = str(caught.value)
    assert "\n" not in message
    assert f"torch {importlib.metadata.version('torch')} and torchaudio {importlib.metadata.version('torchaudio')}" in (
        message
    )
    assert "torch>=2.11,<2.15 with torchaudio>=2.11,<2.12" in message


def test_importing_the_room_imports_neither_torchaudio_nor_librosa():
    code = (
        "import sys, seqgan_toolkit.domains.audio, seqgan_toolkit.metrics.clips.pitch\n"
        "sys.exit(str({'torchaudio', 'librosa', 'matplotlib', 'soundfile'} & set(sys.modules) or ''))"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.stderr.strip() == ""
