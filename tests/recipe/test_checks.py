import pytest
import torchaudio
from pydantic import ValidationError

from seqgan_toolkit.recipe import schema
from seqgan_toolkit.recipe.checks import check_mel_settings, empty_filters

GOOD = {
    "sample_rate": 8000,
    "n_fft": 256,
    "hop": 64,
    "num_mels": 64,
    "low_hz": 0.0,
    "high_hz": 4000.0,
    "max_seconds": 1.0,
}


@pytest.mark.parametrize("change", [{}, {"high_hz": None}, {"hop": 128}, {"sample_rate": 16000, "n_fft": 512}])
def test_settings_that_fit_pass(change):
    check_mel_settings(**{**GOOD, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hop": 300}, "hop 300 .* at most 128"),
        ({"high_hz": 5000}, "high_hz 5000 .* at most 4000, .* at least 10000"),
        ({"low_hz": 4000}, "low_hz 4000 is not below high_hz 4000"),
        (
            {"max_seconds": 0.02},
            "160 samples at sample_rate 8000, fewer than .* n_fft 256: use max_seconds 0.032 or more",
        ),
        ({"num_mels": 200}, "mel filters .* empty at n_fft 256 .* at most 8[0-9] num_mels or n_fft 1024"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_what_would(change, message):
    with pytest.raises(ValueError, match=message):
        check_mel_settings(**{**GOOD, **change})


def test_the_proposed_settings_pass():
    check_mel_settings(**{**GOOD, "num_mels": 200, "n_fft": 1024})
    with pytest.raises(ValueError, match="at most") as caught:
        check_mel_settings(**{**GOOD, "num_mels": 200})
    most = int(str(caught.value).split("at most ")[1].split()[0])
    check_mel_settings(**{**GOOD, "num_mels": most})
    with pytest.raises(ValueError, match="empty"):
        check_mel_settings(**{**GOOD, "num_mels": most + 1})


@pytest.mark.parametrize("sample_rate", [8000, 11025, 22050])
@pytest.mark.parametrize("n_fft", [128, 400])
@pytest.mark.parametrize("num_mels", [32, 100])
@pytest.mark.filterwarnings("ignore:At least one mel filterbank:UserWarning")  # the very case that is tested
def test_empty_filters_are_those_of_torchaudio(sample_rate, n_fft, num_mels):
    high_hz = sample_rate / 2.2
    bank = torchaudio.functional.melscale_fbanks(n_fft // 2 + 1, 50.0, high_hz, num_mels, sample_rate)
    empty = (bank.amax(dim=0) <= 0).nonzero().flatten().tolist()
    assert empty_filters(sample_rate, n_fft, num_mels, 50.0, high_hz) == empty


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"source": "a.jsonl", "label_field": "stars"}, "two places for one label: leave one of them out"),
        ({"source": "coco_captions"}, "'coco_captions' has no file of labels"),
    ],
)
def test_labels_have_one_place(settings, message):
    with pytest.raises(ValidationError, match=message):
        schema.TextData(kind="text", label_file="labels.txt", **settings)
