"""From a source of images to a corpus of rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from seqgan_toolkit.console import track
from seqgan_toolkit.data.corpus import Corpus, CorpusWriter
from seqgan_toolkit.data.source import SPLITS, RawItem, Source, Split, natural_order
from seqgan_toolkit.domains.rows.domain import RowsDomain
from seqgan_toolkit.domains.rows.spec import RowsSpec
from seqgan_toolkit.errors import UserError


def prepare_rows(source: Source, directory: Path, spec: RowsSpec, *, seed: int) -> Corpus:
    """Write the images of `source` as a corpus of rows, one image in memory at a time.

    The source is read twice: a first pass finds the size and the label names and meets every bad image before
    an older corpus in `directory` is replaced.

    Args:
        source: images, uint8 [H, W] or [H, W, C], all of one size.
        directory: where the corpus goes.
        spec: whether labels are kept.
        seed: not used, since nothing is drawn; every domain's `prepare` takes it.

    Raises:
        UserError: the source is empty or unreadable, its images have several sizes, some of them carry a label
            and others do not, or no training image has one of the labels.
    """
    del seed
    keep_labels = spec.label == "folder"
    found = _survey(source, keep_labels)
    indices = {name: index for index, name in enumerate(found.label_names)}
    writer = CorpusWriter(directory, found.domain.space)
    counts: Counter[str] = Counter()
    for split in SPLITS:
        for item in track(source.items(split), f"writing {source.name} ({split})", source.size(split)):
            label = indices[item.label] if keep_labels and item.label is not None else None
            writer.add(split, found.domain.encode(item.value), label)
            counts[split] += 1
    notes = {"source": source.name, "images": {split: counts[split] for split in SPLITS}}
    return writer.close(domain=found.domain.state(), label_names=found.label_names, notes=notes)


@dataclass(frozen=True)
class _Survey:
    domain: RowsDomain
    label_names: tuple[str, ...]


def _survey(source: Source, keep_labels: bool) -> _Survey:
    first: RawItem | None = None
    names: set[str] = set()
    for split in SPLITS:
        for item in track(source.items(split), f"reading {source.name} ({split})", source.size(split)):
            first = first or item
            _check_size(first, item)
            if keep_labels:
                _check_label(first, item)
                _note_label(names, item, split)
    if first is None:
        raise UserError(f"{source.name}: there are no images in it")
    height, width, channels = _size(first)
    return _Survey(RowsDomain(height, width, channels), tuple(sorted(names, key=natural_order)))


def _size(item: RawItem) -> tuple[int, int, int]:
    shape = item.value.shape
    return shape[0], shape[1], shape[2] if len(shape) == 3 else 1


def _describe(item: RawItem) -> str:
    height, width, channels = _size(item)
    return f"{width} x {height} pixels ({'grey' if channels == 1 else f'{channels} channels'})"


def _check_size(first: RawItem, item: RawItem) -> None:
    if _size(item) == _size(first):
        return
    height, width, channels = _size(first)
    mends = [f"-resize {width}x{height}!"] if _size(item)[:2] != (height, width) else []
    mends += ["-colorspace Gray"] if _size(item)[2] != channels else []
    raise UserError(
        f"images of several sizes or colour modes: {first.where} has {_describe(first)} and {item.where} has "
        f"{_describe(item)}; bring them all to one size and colour mode first, for instance with "
        f"`mogrify {' '.join(mends)} FILES` (ImageMagick, in place)"
    )


def _check_label(first: RawItem, item: RawItem) -> None:
    if (item.label is None) != (first.label is None):
        labelled, bare = (first, item) if item.label is None else (item, first)
        raise UserError(
            f"{bare.where} has no label and {labelled.where} has '{labelled.label}': put every image into the folder "
            "of its class, or set data.label=none"
        )


def _note_label(names: set[str], item: RawItem, split: Split) -> None:
    """Add the label to `names`; the training split comes first."""
    if item.label is None:
        return
    if split != "train" and item.label not in names:
        raise UserError(
            f"{item.where} has the label '{item.label}', which no training image has, so that nothing can be learnt "
            "of it: give it more images, take them out, or set data.label=none"
        )
    names.add(item.label)
