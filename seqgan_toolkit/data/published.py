"""The table of the named data sets: their files, where they are published, their checksums and licences.

The checksums are those of the published files themselves. The addresses could not be tried where this table was
written (there was no network): each is its publisher's documented one, and a file that is not the expected one is
refused by its checksum, whatever the address.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedFile:
    """One file of a data set.

    Attributes:
        name: its name in the set's folder.
        urls: where it is published; the later ones are tried where the earlier ones fail. Without any, it is not
            published in this form, and the user has to put it in place.
        sha256: the checksum of its content.
    """

    name: str
    urls: tuple[str, ...]
    sha256: str


@dataclass(frozen=True)
class PublishedArchive:
    """A tar archive whose files of one kind become a sub-folder of the set's folder.

    Attributes:
        url: where it is published.
        folder: the sub-folder that its files go to.
        member: a regular expression for the path of a wanted member; its group `name` names the file.
        digest: the checksum of the unpacked folder (`folder_sha256`); the archive itself is packed anew by the
            publisher's server from time to time, so that its own checksum says nothing.
        num_files: how many files the folder has.
    """

    url: str
    folder: str
    member: str
    digest: str
    num_files: int


@dataclass(frozen=True)
class NamedSet:
    """A data set that recipes know by its name.

    Attributes:
        name: what a recipe calls it, and its folder in a data root.
        about: what it is.
        licence: under which terms it is published.
        files: its files.
        archive: the archive with the rest of them, or None.
    """

    name: str
    about: str
    licence: str
    files: tuple[PublishedFile, ...] = ()
    archive: PublishedArchive | None = None


_TEXYGEN = "https://raw.githubusercontent.com/geek-ai/Texygen/master/data"
_RELGAN = "https://raw.githubusercontent.com/weilinie/RelGAN/master/real/data"
_FALLING_SHORT = "https://raw.githubusercontent.com/pclucas14/GansFallingShort/master/real_data_experiments/data/news"
_MNIST = ("https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist")
_TIMEGAN = "https://raw.githubusercontent.com/jsyoon0823/TimeGAN/master/data"


def _mnist_file(name: str, sha256: str) -> PublishedFile:
    return PublishedFile(name, tuple(f"{host}/{name}" for host in _MNIST), sha256)


NAMED_SETS: dict[str, NamedSet] = {
    named.name: named
    for named in (
        NamedSet(
            "coco_captions",
            "Image captions, 10,000 for training and 10,000 for tests, as split by Texygen",
            "CC BY 4.0 (COCO annotations)",
            files=(
                PublishedFile(
                    "train.txt",
                    (f"{_RELGAN}/image_coco.txt", f"{_TEXYGEN}/image_coco.txt"),
                    "81c8d799b6bb3f9c64e1a3dc747e9fb3057c236a4501d1a0e0447f5bc898e314",
                ),
                PublishedFile(
                    "test.txt",
                    (f"{_RELGAN}/testdata/test_coco.txt", f"{_TEXYGEN}/testdata/test_coco.txt"),
                    "9adeac90babb053b5724f60cabc53877ded4dc07fc0af29d1681bafacc06b0f1",
                ),
            ),
        ),
        NamedSet(
            "emnlp_news",
            "EMNLP 2017 WMT news sentences: the published validation and test splits, 10,000 each",
            "WMT news crawl, research use",
            files=(
                PublishedFile(
                    "train.txt",
                    (f"{_FALLING_SHORT}/valid.txt",),
                    "e66a6fdd1f6cb15cb8f851051e5c49062270e0de1e69213289ce50b88a1d7281",
                ),
                PublishedFile(
                    "test.txt",
                    (f"{_FALLING_SHORT}/test.txt", f"{_RELGAN}/testdata/test_emnlp.txt"),
                    "e1ba37a752bc8fba6d9743898b30bb36119cc665cd35b229060bf5f75a94837d",
                ),
            ),
        ),
        NamedSet(
            "seqgan_oracle",
            "It is SeqGAN's oracle, published as a pickle (target_params_py3.pkl of LantaoYu/SeqGAN), which "
            "egs/seqgan_oracle/README.md turns into an .npz; data.source=oracle is drawn alike and built in.",
            "none stated",
            files=(
                PublishedFile(
                    "oracle_lstm.npz", (), "48591ed84140e7f62cd6615656d5a176ac2cbe8d484a12159de255944f246be4"
                ),
            ),
        ),
        NamedSet(
            "fsdd",
            "Free Spoken Digit Dataset: 3,000 clips, 10 digits by 6 speakers, 8 kHz",
            "CC BY-SA 4.0",
            archive=PublishedArchive(
                "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/v1.0.10.tar.gz",
                folder="recordings",
                member=r"[^/]+/recordings/(?P<name>\d_[a-z]+_\d+\.wav)",
                digest="dbd573d7cafe79c4b49f65718115e1304e24e067fa39eff18a660dc6cb9c360f",
                num_files=3000,
            ),
        ),
        NamedSet(
            "timeseries",
            "Google's daily share prices (stock_data.csv) and a house's use of energy (energy_data.csv), as in TimeGAN",
            "Apache-2.0 as TimeGAN's repository; energy is UCI's appliances set, CC BY 4.0",
            files=(
                PublishedFile(
                    "stock_data.csv",
                    (f"{_TIMEGAN}/stock_data.csv",),
                    "134b8a00eb4eefa3242dd7ae85144082da80dedf75a1a656d5d08f97cd95277a",
                ),
                PublishedFile(
                    "energy_data.csv",
                    (f"{_TIMEGAN}/energy_data.csv",),
                    "0869e426fd33995b4028e092e90ae75c38756172c652b287639d4415985901f2",
                ),
            ),
        ),
        NamedSet(
            "mnist",
            "70,000 handwritten digits of 28 x 28, 10,000 of them for tests",
            "CC BY-SA 3.0 as usually stated",
            files=(
                _mnist_file(
                    "train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
                ),
                _mnist_file(
                    "train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
                ),
                _mnist_file(
                    "t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
                ),
                _mnist_file(
                    "t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
                ),
            ),
        ),
    )
}
