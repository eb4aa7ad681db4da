"""Print the figures of several runs of one recipe as a table: mean and standard deviation over seeds.

python egs/tabulate.py runs/digits-1 runs/digits-2 runs/digits-3
python egs/tabulate.py --split valid runs/digits-1 runs/digits-2 runs/digits-3    # after: evaluate RUN --split valid
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REFERENCES = ("real", "copy_synthesis", "training_copy", "noise")


def training_seconds(run: Path) -> float:
    """Return the seconds that a run trained for, all its parts together where it was cut short and went on."""
    total, last = 0.0, 0.0
    for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
        seconds = json.loads(line)["seconds"]
        total += last if seconds < last else 0.0
        last = seconds
    return total + last


def spread(values: Sequence[float | None]) -> str:
    """Return mean and standard deviation, the mean alone where all are equal, or a dash where there is no value."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    mean = f"{statistics.mean(known):.4g}"
    return mean if len(set(known)) == 1 else f"{mean} ± {float(f'{statistics.stdev(known):.2g}'):g}"


def rows(evaluations: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Return the table: a metric a row, the models and then the references as columns."""
    models = list(dict.fromkeys(name for evaluation in evaluations for name in evaluation["models"]))
    measured = {name for evaluation in evaluations for known in evaluation["references"].values() for name in known}
    references = [name for name in REFERENCES if name in measured]
    metrics = list(
        dict.fromkeys(metric for evaluation in evaluations for name in models for metric in evaluation["models"][name])
    )
    table = [["metric", *models, *references], ["---"] * (1 + len(models) + len(references))]
    for metric in metrics:
        made = [
            [evaluation["models"][name].get(metric, {}).get("value") for evaluation in evaluations] for name in models
        ]
        known = [
            [evaluation["references"].get(metric, {}).get(name) for evaluation in evaluations] for name in references
        ]
        table.append([metric, *(spread(values) for values in [*made, *known])])
    return table


def main() -> None:
    """Read the runs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--split", choices=("test", "valid"), default="test")
    chosen = parser.parse_args()
    runs: list[Path] = chosen.runs
    name = "evaluation.json" if chosen.split == "test" else f"evaluation-{chosen.split}.json"
    missing = [str(run / name) for run in runs if not (run / name).is_file()]
    if missing:
        split = "" if chosen.split == "test" else f" --split {chosen.split}"
        parser.error(f"no {', no '.join(missing)}: `seqgan-toolkit evaluate RUN{split}` writes it")
    evaluations = [json.loads((run / name).read_text(encoding="utf-8")) for run in runs]
    for row in rows(evaluations):
        print("| " + " | ".join(row) + " |")
    print(f"\nTraining: {spread([training_seconds(run) for run in runs])} seconds, {len(runs)} seed(s).")


if __name__ == "__main__":
    main()
