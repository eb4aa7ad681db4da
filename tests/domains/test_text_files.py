"""Reading the user's own sentences, and what is said when they cannot be read."""

import csv
import gzip
import json

import pytest

from seqgan_toolkit.data.source import SPLITS
from seqgan_toolkit.domains.text.files import TextFileSource
from seqgan_toolkit.errors import UserError


def source(path, **options):
    return TextFileSource(path, **{"valid_share": 0.2, "test_share": 0.2, **options})


def sentences(path, split="train", **options):
    return [item.value for item in source(path, **options).items(split)]


def numbered(count=60, word="sentence"):
    return [f"{word} number {index} ." for index in range(count)]


def write_lines(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_splits_share_no_sentence_and_lose_none(tmp_path):
    lines = numbered() + [line.upper().replace(" ", "  ") for line in numbered()]
    path = write_lines(tmp_path / "a.txt", lines)
    splits = {split: sentences(path, split) for split in SPLITS}
    keys = {split: {" ".join(line.lower().split()) for line in found} for split, found in splits.items()}
    assert sorted(sum(splits.values(), [])) == sorted(lines)
    assert all(keys.values())
    assert not keys["train"] & keys["test"]
    assert not keys["train"] & keys["valid"]
    assert not keys["valid"] & keys["test"]


def test_reading_twice_gives_the_same(tmp_path):
    data = source(write_lines(tmp_path / "a.txt", ["", *numbered()]))
    first = {split: list(data.items(split)) for split in SPLITS}
    assert {split: list(data.items(split)) for split in SPLITS} == first
    assert {split: data.size(split) for split in SPLITS} == {split: len(items) for split, items in first.items()}


def test_a_reading_cut_short_does_not_spoil_the_next(tmp_path):
    path = write_lines(tmp_path / "a.txt", numbered())
    data = source(path)
    next(iter(data.items("train")))
    assert data.size("train") is None
    assert [item.value for item in data.items("train")] == sentences(path)


def test_where_names_file_and_line(tmp_path):
    path = write_lines(tmp_path / "a.txt", numbered())
    data = source(path)
    for _ in range(2):
        assert all(path.read_text().splitlines()[int(item.where.split(":")[-1]) - 1] == item.value
                   for item in data.items("test"))  # fmt: skip


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.gz", "a.jsonl", "a.jsonl.gz", "no_suffix"])
def test_every_format_gives_the_same_sentences(tmp_path, name):
    lines = [f"{line} é中" for line in numbered()]
    text = "\n".join(json.dumps({"body": line}) for line in lines) if "jsonl" in name else "\r\n".join(lines)
    data = b"\xef\xbb\xbf" + text.encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    plain = write_lines(tmp_path / "plain.txt", lines)
    assert sentences(tmp_path / name, field="body") == sentences(plain)


def test_official_test_split_is_kept_and_validation_held_out(tmp_path):
    write_lines(tmp_path / "train.txt", numbered(80))
    write_lines(tmp_path / "test.txt", numbered(30))
    assert sentences(tmp_path, "test") == numbered(30)
    train, valid = sentences(tmp_path, "train"), sentences(tmp_path, "valid")
    assert valid
    assert sorted(train + valid) == sorted(numbered(80))


def test_three_official_splits_are_kept(tmp_path):
    for split, count in (("train", 20), ("valid", 5), ("test", 7)):
        write_lines(tmp_path / f"{split}.txt", numbered(count, split))
    assert [len(sentences(tmp_path, split)) for split in SPLITS] == [20, 5, 7]


def test_a_folder_of_classes_takes_labels_from_the_names(tmp_path):
    for name in ("positive", "negative"):
        write_lines(tmp_path / f"{name}.txt", numbered(40, name))
    items = [item for split in SPLITS for item in source(tmp_path).items(split)]
    assert len(items) == 80
    assert all(item.value.startswith(item.label) for item in items)


def test_a_file_of_another_kind_is_no_class_and_is_named(tmp_path, capsys):
    for name in ("positive", "negative"):
        write_lines(tmp_path / f"{name}.txt", numbered(40, name))
    assert len(sentences(tmp_path)) > 0
    assert capsys.readouterr().err == ""
    (tmp_path / "more").mkdir()
    for name in ("scores.csv", "positive.txt.gz", "README.md", ".hidden"):
        (tmp_path / name).write_bytes(b"text\nno sentence\n")
    labels = {item.label for split in SPLITS for item in source(tmp_path).items(split)}
    assert labels == {"positive", "negative"}
    classes, unread = "negative.txt, positive.txt", "README.md, more/, positive.txt.gz, scores.csv"
    assert f"{tmp_path}: the classes are {classes}; not read: {unread}\n" in capsys.readouterr().err


def test_classes_are_files_with_fields_where_the_label_is_in_one(tmp_path, capsys):
    write_lines(tmp_path / "notes.txt", numbered())
    rows = [json.dumps({"text": line, "stars": index % 3}) for index, line in enumerate(numbered())]
    write_lines(tmp_path / "reviews.jsonl", rows)
    items = [item for split in SPLITS for item in source(tmp_path, label_field="stars").items(split)]
    assert {item.label for item in items} == {"0", "1", "2"}
    assert "not read: notes.txt\n" in capsys.readouterr().err
    assert {item.label for item in source(tmp_path).items("train")} == {"notes"}


def test_official_splits_may_be_of_two_kinds_and_leave_other_files_out(tmp_path, capsys):
    write_lines(tmp_path / "train.txt", numbered(20, "train"))
    write_lines(tmp_path / "test.jsonl", [json.dumps({"text": line}) for line in numbered(7, "test")])
    write_lines(tmp_path / "tset.txt", numbered(7, "misspelt"))
    assert len(sentences(tmp_path, "test")) == 7
    assert "the splits are train.txt, test.jsonl; not read: tset.txt\n" in capsys.readouterr().err


def test_labels_of_json_lines(tmp_path):
    rows = [json.dumps({"text": line, "stars": index % 3}) for index, line in enumerate(numbered())]
    items = list(source(write_lines(tmp_path / "a.jsonl", rows), label_field="stars").items("train"))
    assert all(item.label == str(int(item.value.split()[2]) % 3) for item in items)


def test_labels_from_a_file_beside(tmp_path):
    lines = ["", *numbered()]
    path = write_lines(tmp_path / "a.txt", lines)
    labels = write_lines(tmp_path / "labels.txt", ["", *(str(index % 3) for index in range(60))])
    data = source(path, label_file=labels)
    for _ in range(2):
        items = [item for split in SPLITS for item in data.items(split) if item.value]
        assert len(items) == 60
        assert all(item.label == str(int(item.value.split()[2]) % 3) for item in items)
    assert [item.value for item in data.items("test")] == sentences(path, "test"), "labels do not move the splits"


@pytest.mark.parametrize("num_labels", [59, 61, 0])
def test_a_label_file_of_another_length(tmp_path, num_labels):
    path = write_lines(tmp_path / "a.txt", numbered())
    (tmp_path / "labels.txt").write_text("x\n" * num_labels)
    with pytest.raises(UserError, match=rf"labels.txt: it has {num_labels} lines and .*a.txt has 60: there must"):
        sentences(path, label_file=tmp_path / "labels.txt")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("blank", "x\n\n" + "x\n" * 58, r"blank:2: no label for the sentence at .*a\.txt:2"),
        ("missing", None, "missing: cannot be read: No such file"),
        ("latin1", "x\n" * 58 + "na\xefve\nx\n", r"latin1:59: byte 0xef at position 3"),
    ],
)
def test_a_bad_label_file_ends_in_one_message(tmp_path, name, content, message):
    path = write_lines(tmp_path / "a.txt", numbered())
    if content is not None:
        (tmp_path / name).write_bytes(content.encode("latin1"))
    with pytest.raises(UserError, match=message):
        sentences(path, label_file=tmp_path / name)


def test_a_label_file_beside_a_folder(tmp_path):
    write_lines(tmp_path / "a.txt", numbered())
    with pytest.raises(UserError, match="a label file stands beside one file of sentences, and .* is a folder"):
        source(tmp_path, label_file=tmp_path / "labels.txt")


def test_equal_sentences_cannot_be_held_out(tmp_path):
    path = write_lines(tmp_path / "a.txt", ["the same ."] * 30)
    with pytest.raises(UserError, match="all are the same one; data.valid_share=0 data.test_share=0 trains on it"):
        sentences(path)
    assert sentences(path, valid_share=0.0, test_share=0.0) == ["the same ."] * 30


BAD = {
    "missing": (None, "no such file or folder"),
    "empty": (b"", "empty"),
    "blank": (b"\n \n\n", "no sentence"),
    "one": (b"only one .\n\n", "only one sentence"),
    "few": (b"a\nb\n", "falls to the valid split|falls to the test split|falls to the train split"),
    "latin1": (b"fine\nna\xefve\n", r"\.txt:2: byte 0xef at position 3 .* convert the file to UTF-8"),
    "utf16": ("a\nb\n".encode("utf-16"), r"\.txt:1: byte 0x"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_text_ends_in_one_message(tmp_path, kind):
    content, message = BAD[kind]
    path = tmp_path / "bad.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        sentences(path)


BAD_JSON = {
    "[1, 2]": "a.jsonl:61: found a JSON list",
    "not json": "a.jsonl:61: not JSON",
    '{"txt": "a", "id": 3}': "a.jsonl:61: no field 'text' (data.field); fields found: 'txt', 'id'. Did you mean 'txt'?",
    '{"text": 3}': "a.jsonl:61: field 'text' holds a number, expected a string",
    "[" * 100_000: "a.jsonl:61: not JSON",
}


@pytest.mark.parametrize("line", BAD_JSON, ids=lambda line: line[:12])
def test_bad_json_line_ends_in_one_message(tmp_path, line):
    path = write_lines(tmp_path / "a.jsonl", [json.dumps({"text": text}) for text in numbered()] + [line])
    with pytest.raises(UserError) as error:
        sentences(path)
    assert BAD_JSON[line] in str(error.value)


def test_missing_label_field_is_named(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", [json.dumps({"text": text}) for text in numbered()])
    with pytest.raises(UserError, match=r"a\.jsonl:1: no field 'stars' .data.label_field."):
        sentences(path, label_field="stars")


@pytest.mark.parametrize("content", [b"plain text", gzip.compress(b"a sentence .\n" * 5000)[:-20]])
def test_a_broken_gzip_file_is_named(tmp_path, content):
    (tmp_path / "a.txt.gz").write_bytes(content)
    with pytest.raises(UserError, match=r"a\.txt\.gz: not a whole gzip file"):
        sentences(tmp_path / "a.txt.gz")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_gives_the_column_of_sentences_and_that_of_labels(tmp_path, delimiter):
    rows = [
        ("id", "review", "stars"),
        *((str(index), f'it said "{line}", twice', "5") for index, line in enumerate(numbered())),
    ]
    with open(tmp_path / "a.csv", "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    items = [
        item
        for split in SPLITS
        for item in source(tmp_path / "a.csv", field="review", label_field="stars").items(split)
    ]
    assert sorted(item.value for item in items) == sorted(row[1] for row in rows[1:])
    assert {item.label for item in items} == {"5"}
    first = next(item for item in items if "number 0 " in item.value)
    assert first.where.endswith("a.csv:2"), "as an editor counts"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "a.csv").read_bytes()))
    assert sentences(tmp_path / "a.csv.gz", field="review") == sentences(tmp_path / "a.csv", field="review")


def test_a_sentence_in_quotes_may_go_over_lines(tmp_path):
    path = write_lines(tmp_path / "a.csv", ["text", '"one\ntwo"', *numbered()])
    assert "one\ntwo" in sentences(path) + sentences(path, "valid") + sentences(path, "test")


BAD_TABLES = {
    "text,b\n1,2\n3\n": r"a\.csv:3: it has 1 cells, and the first line names 2 columns",
    "a,b\n1,2\n": r"a\.csv:2: no field 'text' \(data\.field\); fields found: 'a', 'b'",
    'text\n"a" b\n': "cannot be read as a CSV file",
    "text\n": "no sentence in it",
}


@pytest.mark.parametrize("content", BAD_TABLES)
def test_bad_tables_end_in_one_message(tmp_path, content):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(UserError, match=BAD_TABLES[content]):
        sentences(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_bytes("text\nnaïve\n".encode("latin1"))
    with pytest.raises(UserError, match="cannot be read as a CSV file in UTF-8"):
        sentences(tmp_path / "a.csv")


def test_other_kinds_of_file_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"'\.docx' is not a text format"):
        sentences(write_lines(tmp_path / "a.docx", numbered()))
    with pytest.raises(UserError, match=r"; \.wav files are for recipes such as audio_lstm$"):
        sentences(write_lines(tmp_path / "a.wav", numbered()))
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match=r"holds no \.txt"):
        sentences(tmp_path / "folder")
