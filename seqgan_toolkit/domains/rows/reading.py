"""Opens what a user names as images: a built-in or named set, idx files, a folder, or an array."""

from __future__ import annotations

from pathlib import Path

from seqgan_toolkit.data.named import locate
from seqgan_toolkit.data.source import Source
from seqgan_toolkit.domains.rows.arrays import ArraySource
from seqgan_toolkit.domains.rows.digits import DigitsSource
from seqgan_toolkit.domains.rows.idx_source import IdxSource, looks_like_mnist
from seqgan_toolkit.domains.rows.images import SUFFIXES, ImageFolderSource
from seqgan_toolkit.domains.rows.spec import RowsSpec
from seqgan_toolkit.errors import UserError


def rows_source(source: str, spec: RowsSpec, *, data_root: Path | None = None) -> Source:
    """Open a source of images.

    Args:
        source: `digits`, `mnist`, or the path of an idx(.gz) file, a folder of MNIST's four files, a folder of
            images, or an npy or npz file.
        spec: how to label and to split them.
        data_root: where named sets are looked for before they are downloaded.

    Raises:
        UserError: there is nothing of that name, or it cannot be read.
    """
    valid_share, test_share = spec.valid_share, spec.test_share
    if source == "digits":
        return DigitsSource(valid_share=valid_share)
    if source == "mnist":
        return IdxSource.from_folder(
            locate("mnist", data_root), name="mnist", valid_share=valid_share, test_share=test_share
        )
    path = Path(source).expanduser()
    if path.is_dir():
        if looks_like_mnist(path):
            return IdxSource.from_folder(path, valid_share=valid_share, test_share=test_share)
        return ImageFolderSource(path, valid_share=valid_share, test_share=test_share)
    if not path.exists():
        raise UserError(f"{source}: no such file or folder, and the built-in image sets are 'digits' and 'mnist'")
    if path.suffix in (".npy", ".npz"):
        return ArraySource(path, valid_share=valid_share, test_share=test_share)
    if path.suffix.lower() in SUFFIXES:
        raise UserError(f"{source}: this is a single image; give the folder of all images")
    return IdxSource.from_file(path, valid_share=valid_share, test_share=test_share)
