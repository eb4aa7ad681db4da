"""Draw a folder of small colour images, one folder a shape: what an own folder of images looks like.

    python egs/own_images/make_images.py --out runs/own_images_data

A disc, a ring, a square, a triangle or a cross of one colour on a darker ground of another one; its place, size, turn
and both colours are drawn at random. Put your own images in their place: all of one size and colour mode, a folder for
each class.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw

SHAPES = ("disc", "ring", "square", "triangle", "cross")
FINE = 8
"""Images are drawn so many times larger, and brought down to soften their edges."""
ARM, HOLE = 0.33, 0.56
"""Half the width of a cross's arm, and the radius of a ring's hole, over the radius of the whole."""


def draw(shape: str, size: int, rng: np.random.Generator) -> Image.Image:
    """Draw an image of `size` x `size` pixels in colour.

    Args:
        shape: one of `SHAPES`.
        size: pixels of a side.
        rng: draws everything else.
    """
    ink = ImageColor.getrgb(f"hsv({rng.integers(360)},{rng.integers(50, 101)}%,{rng.integers(75, 101)}%)")
    ground = ImageColor.getrgb(f"hsv({rng.integers(360)},{rng.integers(20, 81)}%,{rng.integers(5, 36)}%)")
    side = size * FINE
    image = Image.new("RGB", (side, side), ground)
    radius = side * rng.uniform(0.28, 0.42)
    x, y = rng.uniform(radius, side - radius, 2)
    turn = rng.uniform(0, 2 * math.pi)
    canvas = ImageDraw.Draw(image)

    def around(*points: tuple[float, float]) -> list[tuple[float, float]]:
        """Return points given as angle (in turns) and distance (in radii), as places in the image."""
        angles = [(turn + 2 * math.pi * angle, radius * distance) for angle, distance in points]
        return [(x + away * math.cos(angle), y + away * math.sin(angle)) for angle, away in angles]

    def box(half: float) -> tuple[float, float, float, float]:
        return x - half, y - half, x + half, y + half

    if shape in ("disc", "ring"):
        canvas.ellipse(box(radius), fill=ink)
        if shape == "ring":
            canvas.ellipse(box(radius * HOLE), fill=ground)
    elif shape == "cross":
        corner = math.atan(ARM) / (2 * math.pi)
        far, near = math.hypot(1, ARM), math.hypot(ARM, ARM)
        arms = [((-corner, far), (corner, far), (1 / 8, near))] * 4
        points = [(arm / 4 + angle, away) for arm, three in enumerate(arms) for angle, away in three]
        canvas.polygon(around(*points), fill=ink)
    else:
        corners = 4 if shape == "square" else 3
        canvas.polygon(around(*((corner / corners, 1.0) for corner in range(corners))), fill=ink)
    return image.resize((size, size), Image.Resampling.BOX)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `OUT/SHAPE/NUMBER.png` and print where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/own_images_data"))
    parser.add_argument("--num", type=int, default=600, help="images of each shape")
    parser.add_argument("--size", type=int, default=16, help="pixels of a side")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    for index, shape in enumerate(SHAPES):
        folder, rng = chosen.out / shape, np.random.default_rng([chosen.seed, index])
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(chosen.num):
            draw(shape, chosen.size, rng).save(folder / f"{number:04d}.png")
        print(folder)


if __name__ == "__main__":
    main()
