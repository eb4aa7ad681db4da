# On a machine with python3.11, venv and make: `make run` trains a GAN, `make test` tests the project.
PYTHON ?= python3.11
VENV ?= .venv
RECIPE ?= recipes/text_lstm.yaml

.PHONY: help run test slow lint bench clean

help:
	@echo "make run    set up $(VENV), then train and sample $(RECIPE) (another: make run RECIPE=...)"
	@echo "make test   set up $(VENV) with the test tools, then run the default test suite"
	@echo "make slow   run the slow tests: training that must reach a stated line"
	@echo "make lint   run ruff, mypy and import-linter"
	@echo "make bench  measure speed and memory, about 30 minutes: benchmarks/RESULTS.md has the last figures"
	@echo "make clean  remove caches and builds; $(VENV) and runs/ stay"

run: $(VENV)/.installed
	$(VENV)/bin/seqgan-toolkit run $(RECIPE)

test: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

slow: $(VENV)/.installed-test
	$(VENV)/bin/python -m pytest -m slow --numprocesses auto --maxprocesses 4

lint: $(VENV)/.installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: $(VENV)/.installed
	$(VENV)/bin/python benchmarks/startup.py
	$(VENV)/bin/python benchmarks/text.py
	$(VENV)/bin/python benchmarks/text_gans.py
	$(VENV)/bin/python benchmarks/discriminators.py
	$(VENV)/bin/python benchmarks/frames.py
	$(VENV)/bin/python benchmarks/audio.py
	$(VENV)/bin/python benchmarks/metrics.py
	$(VENV)/bin/python benchmarks/prepare.py
	$(VENV)/bin/python benchmarks/prepare_clips.py

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The stamps are newer than pyproject.toml once its dependencies are in.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --editable '.[test]'
	touch $@ $(VENV)/.installed
