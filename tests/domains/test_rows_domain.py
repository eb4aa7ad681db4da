"""Images to rows and back, the corpus of rows, and the pictures that are written."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from seqgan_toolkit.data.source import RawItem, Split
from seqgan_toolkit.domains.rows.digits import DigitsSource
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.domains.rows.grid import grid_columns, image_grid
from seqgan_toolkit.domains.rows.prepare import prepare_rows
from seqgan_toolkit.domains.rows.spec import RowsSpec
from seqgan_toolkit.errors import UserError
from seqgan_toolkit.sequences import FrameSpace, SequenceBatch


class ListSource:
    name = "list"

    def __init__(self, items: list[RawItem], test: list[RawItem] | None = None) -> None:
        self._splits = {"train": items, "test": test or []}

    def items(self, split: Split):
        yield from self._splits.get(split, ())

    def size(self, split: Split) -> int | None:
        return None


def item(shape: tuple[int, ...], label: str | None = None, where: str = "x.png") -> RawItem:
    return RawItem(np.zeros(shape, np.uint8), label, where)


@given(hnp.arrays(np.uint8, st.sampled_from([(1, 1), (5, 3), (4, 6, 3)])))
def test_decode_inverts_encode_exactly(image: np.ndarray) -> None:
    domain = RowsDomain(*image.shape)
    rows = domain.encode(image)
    assert rows.shape == (image.shape[0], domain.space.dim)
    assert domain.space.planes == (image.shape[2] if image.ndim > 2 else 1)
    assert -1 <= rows.min() <= rows.max() <= 1
    batch = SequenceBatch(torch.from_numpy(rows)[None], torch.tensor([len(rows)]))
    assert np.array_equal(RowsDomain.from_state(domain.state()).decode(batch)[0], image)
    assert torch.equal(domain.as_written(batch).values, batch.values)


def test_frames_as_written_are_those_of_the_images() -> None:
    domain = RowsDomain(4, 3)
    batch = SequenceBatch(torch.rand(20, 6, 3) * 2.2 - 1.1, torch.tensor([6] * 19 + [2]))
    read = np.stack([domain.encode(image) for image in domain.decode(batch)])
    written = domain.as_written(batch)
    assert np.array_equal(written.values[:, :4].numpy(), read)
    assert (written.values[-1, 2:] == -1).all()


def test_decode_blackens_padding_and_fits_any_number_of_steps() -> None:
    domain = RowsDomain(4, 3)
    values = torch.ones(2, 6, 3)
    images = domain.decode(SequenceBatch(values, torch.tensor([2, 6])))
    assert images[0].tolist() == [[255] * 3] * 2 + [[0] * 3] * 2
    assert images[1].tolist() == [[255] * 3] * 4
    short = domain.decode(SequenceBatch(3 * values[:, :1], torch.tensor([1, 1])))
    assert short[0].tolist() == [[255] * 3] + [[0] * 3] * 3


def test_corpus_of_digits(tmp_path: Path) -> None:
    corpus = prepare_rows(DigitsSource(), tmp_path / "corpus", RowsSpec(), seed=0)
    assert corpus.space == FrameSpace(64 // 8)
    assert corpus.label_names == tuple("0123456789")
    assert corpus.max_length == 8
    first = next(DigitsSource().items("test"))
    batch = corpus.splits["test"].head(1)
    assert corpus.label_names[int(batch.labels[0])] == first.label
    assert np.array_equal(RowsDomain.from_state(corpus.domain_state).decode(batch)[0], first.value)
    unlabelled = prepare_rows(DigitsSource(), tmp_path / "bare", RowsSpec(label="none"), seed=0)
    assert unlabelled.splits["train"].labels is None
    assert unlabelled.label_names == ()


def test_label_names_are_sorted_as_numbers_where_they_are_numbers(tmp_path: Path) -> None:
    source = ListSource([item((2, 2), name) for name in ("10", "b", "9", "a")])
    assert prepare_rows(source, tmp_path / "c", RowsSpec(), seed=0).label_names == ("9", "10", "a", "b")


def test_images_of_several_sizes_name_both_and_leave_the_old_corpus(tmp_path: Path) -> None:
    prepare_rows(ListSource([item((2, 2))] * 2), tmp_path / "c", RowsSpec(), seed=0)
    mixed = ListSource([item((4, 6), where="a.png"), item((5, 6), where="b.png")])
    with pytest.raises(UserError, match=r"a.png has 6 x 4 pixels \(grey\) and b.png has 6 x 5 pixels.*-resize 6x4!"):
        prepare_rows(mixed, tmp_path / "c", RowsSpec(), seed=0)
    assert (tmp_path / "c" / "corpus.json").is_file()
    mixed = ListSource([item((4, 6), where="a.png"), item((4, 6, 3), where="b.png")])
    with pytest.raises(UserError, match="3 channels.; .* `mogrify -colorspace Gray FILES`"):
        prepare_rows(mixed, tmp_path / "c", RowsSpec(), seed=0)


def test_images_partly_labelled_are_refused_unless_labels_are_left_out(tmp_path: Path) -> None:
    source = ListSource([item((2, 2), where="bare.png"), item((2, 2), "cat", where="cat/a.png")])
    with pytest.raises(UserError, match=r"bare.png has no label and cat/a.png has 'cat'"):
        prepare_rows(source, tmp_path / "c", RowsSpec(), seed=0)
    assert prepare_rows(source, tmp_path / "c", RowsSpec(label="none"), seed=0).label_names == ()


def test_a_label_that_no_training_image_has_is_refused_unless_labels_are_left_out(tmp_path: Path) -> None:
    source = ListSource([item((2, 2), "3"), item((2, 2), "5")], [item((2, 2), "3"), item((2, 2), "11", "image 1")])
    with pytest.raises(UserError, match="image 1 has the label '11', which no training image has"):
        prepare_rows(source, tmp_path / "c", RowsSpec(), seed=0)
    assert len(prepare_rows(source, tmp_path / "c", RowsSpec(label="none"), seed=0).splits["test"]) == 2


def test_empty_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there are no images"):
        prepare_rows(ListSource([]), tmp_path / "c", RowsSpec(), seed=0)


@pytest.mark.parametrize("shape", [(8, 8), (70, 60), (8, 8, 3)])
def test_grid_holds_every_pixel_as_a_square(shape: tuple[int, ...]) -> None:
    images = list(np.random.default_rng(0).integers(0, 256, (7, *shape)).astype(np.uint8))
    grid = image_grid(images)
    factor = 7 if shape[0] == 8 else 1
    height, width = shape[0] * factor, shape[1] * factor
    assert grid.shape[:2] == (3 * (height + 2) + 2, 3 * (width + 2) + 2)
    for index, image in enumerate(images):
        top, left = 2 + index // 3 * (height + 2), 2 + index % 3 * (width + 2)
        cell = grid[top : top + height, left : left + width]
        assert np.array_equal(cell[::factor, ::factor], image)
        assert np.array_equal(cell[factor - 1 :: factor, factor - 1 :: factor], image)


def test_strips_have_so_many_images_in_a_row(tmp_path: Path) -> None:
    images = [np.full((56, 30, 3), number, np.uint8) for number in range(6)]
    path = RowsDomain(56, 30, 3).strips(images, tmp_path, 3)
    with Image.open(path) as picture:
        assert picture.size == (3 * 32 + 2, 2 * 58 + 2)
        assert [picture.getpixel((10 + 32 * (number % 3), 10 + 58 * (number // 3)))[0] for number in range(6)] == [
            *range(6)
        ]


def test_grid_of_twenty_has_ten_columns() -> None:
    assert [grid_columns(count) for count in (1, 2, 9, 10, 20, 25, 100)] == [1, 2, 3, 4, 10, 5, 10]


def test_written_files_read_back_as_the_images(tmp_path: Path) -> None:
    images = list(np.random.default_rng(0).integers(0, 256, (3, 8, 5)).astype(np.uint8))
    paths = RowsDomain(8, 5).write(images, tmp_path / "out")
    assert [path.name for path in paths] == ["image-0000.png", "image-0001.png", "image-0002.png", "grid.png"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
    for path, image in zip(paths[:3], images, strict=True):
        with Image.open(path) as opened:
            assert np.array_equal(np.asarray(opened), image)
