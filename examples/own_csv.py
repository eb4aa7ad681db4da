"""Your own table in, a generated table out.

    python examples/own_csv.py

The table is made on the spot: two weeks of hourly readings of a made-up weather station.
"""

import argparse
import csv
import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import seqgan_toolkit as sg


def write_readings(path: Path, hours: int = 14 * 24) -> None:
    """Write `time,temperature_c,humidity_percent`, warm at noon and humid at night."""
    draws, start = random.Random(0), datetime(2024, 6, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "temperature_c", "humidity_percent"])
        for hour in range(hours):
            noon = math.cos((hour - 13) * math.pi / 12)
            temperature, humidity = 17 + 6 * noon + draws.gauss(0, 0.5), 65 - 20 * noon + draws.gauss(0, 3)
            moment = start + timedelta(hours=hour)
            writer.writerow([moment.isoformat(), f"{temperature:.1f}", f"{humidity:.0f}"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on windows of a day, write 20 of them and one long series, and print where they are."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--out", type=Path, default=Path("runs/example_own_csv"))
    chosen = parser.parse_args(arguments)
    readings = chosen.out / "readings.csv"
    write_readings(readings)
    overrides = {
        "data.source": str(readings),
        "data.time": "time",
        "data.window": 24,
        "adversarial.steps": chosen.steps,
    }
    run = sg.train("series_relativistic", overrides=overrides, out=chosen.out / "run")
    paths = sg.generate(run.directory, num=20, stitched=True, out=chosen.out / "generated")
    print(*paths, sep="\n")


if __name__ == "__main__":
    main()
