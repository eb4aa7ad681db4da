"""A folder of images in, generated images out.

    python examples/own_images.py

The folder is made on the spot, from scikit-learn's digits, in the layout that your own images should have: one size,
one folder for each class.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from sklearn.datasets import load_digits

import seqgan_toolkit as sg


def write_images(folder: Path, num: int = 400) -> None:
    """Write `folder/LABEL/NUMBER.png`, 8 x 8 grey pixels each."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images[:num], digits.target[:num], strict=True)):
        path = folder / str(label) / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * (255 / 16)).round().astype("uint8")).save(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on the folder, write 20 images, and print where they are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--out", type=Path, default=Path("runs/example_own_images"))
    chosen = parser.parse_args(arguments)
    images = chosen.out / "my_images"
    write_images(images)
    run = sg.train(
        "mnist_lstm",
        overrides={"data.source": str(images), "generator.hidden_dim": 96, "adversarial.steps": chosen.steps},
        out=chosen.out / "run",
    )
    paths = sg.generate(run.directory, num=20, out=chosen.out / "generated")
    print(*paths, sep="\n")


if __name__ == "__main__":
    main()
