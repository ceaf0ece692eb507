# Two commands to know: `make demo` shows a ward, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# quixstreams wants another confluent-kafka than we do, so it lives apart.
BENCH := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Our image: its name, what it is built on, and the Python of that.
IMAGE := wardwatch:$(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' ward/__init__.py)
BASE := python:3.12-slim-bookworm
IMAGE_PYTHON := 3.12

.PHONY: help demo test test-full test-engines compose-test grafana-test guarantees check bench quality secrets wheelhouse image bundle lock clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: $(VENV)/run  ## a ward, live: http://127.0.0.1:8080
	@$(BIN)/wardwatch demo

# One process more than cores (tests/conftest.py); a module of tests is run by one of them, so that what a module prepares
# is prepared once. Modules go out in the order of folders, not the one with most tests first: the expensive ones have few
# tests, and would begin last, while the other cores are idle.
# Compiled tests are kept even where PYTHONDONTWRITEBYTECODE is set: compiling them takes a quarter of a minute.
test: $(VENV)/dev  ## everything that needs Python alone
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder --durations=10

test-full: $(VENV)/dev  ## the same with more examples for each property: once a night, or after a change of the engine
	@WARDWATCH_TESTS=full PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder --durations=10

test-engines: $(VENV)/dev  ## the same promises on real Mosquitto, Kafka and InfluxDB, installed where they are missing
	@$(BIN)/python -m tests.engines.install
	@WARDWATCH_ENGINES=required $(BIN)/python -m pytest -m engines

grafana-test: $(VENV)/dev  ## every dashboard and rule in a real Grafana, 9.4 or newer: GRAFANA=<home of an unpacked one>
	@test -n "$(GRAFANA)" || { echo "no Grafana named: nothing was tested. make grafana-test GRAFANA=<its home>"; exit 2; }
	@$(BIN)/python -m tests.engines.install
	@GRAFANA="$(GRAFANA)" WARDWATCH_ENGINES=required $(BIN)/python -m pytest -m grafana tests/grafana/live

compose-test: $(VENV)/dev  ## docker-compose.yml in containers, each killed once; our image, the bundle, a backup and back
	@$(BIN)/python -m tests.compose.install
	@WARDWATCH_COMPOSE=required $(BIN)/python -m pytest -m compose

guarantees: $(VENV)/dev  ## every promise with its test and its figure into docs/guarantees.md: fast tests, engines, containers
	@$(BIN)/python -m tests.engines.install
	@$(BIN)/python -m tests.compose.install
	@$(BIN)/python -m tests.guarantees

secrets:  ## passwords and tokens for docker-compose.yml into secrets/; what is there stays
	@$(PYTHON) deploy/make_secrets.py secrets

wheelhouse: $(VENV)/made  ## all wheels of the lock file for the image's Python into dist/wheelhouse
	@$(BIN)/python deploy/wheelhouse.py --python $(IMAGE_PYTHON) dist/wheelhouse

image: wheelhouse  ## the image of our programs; with BASE=... and IMAGE_PYTHON=... on another base
	@docker build --build-arg BASE=$(BASE) --tag $(IMAGE) .

bundle: $(VENV)/run image  ## everything for a machine without internet: dist/wardwatch-...tar
	@$(BIN)/python deploy/bundle.py --image $(IMAGE) --python $(IMAGE_PYTHON) dist/$(subst :,-,$(IMAGE)).tar

bench: $(VENV)/dev $(BENCH)/made  ## speed, each figure beside a peer in the same run; ARGS="detectors" for some of them, TELEGRAF=<its program> for one more peer
	@$(BIN)/python -m tests.engines.install
	@$(BIN)/python -m benchmarks $(ARGS)

quality: $(VENV)/dev  ## how good detection is, beside published results, into docs/quality.md; ARGS="--quick" for less data
	@$(BIN)/python -m quality $(ARGS)
	@$(BIN)/python -m app.reference.detectors

check: $(VENV)/dev  ## style, types, import contracts, sizes of files and functions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tests/sizes.py

lock:  ## write requirements/*.txt anew from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-config pyproject.toml --group build -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-config pyproject.toml --group build --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-config --group bench -o requirements/bench.txt

clean:  ## remove what was made, but not data/ and secrets/
	rm -rf dist $(VENV) $(BENCH) .pytest_cache .mypy_cache .ruff_cache

# The newest python is not always called python3: say so instead of failing deep inside pip.
$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Wardwatch needs Python 3.11 or newer; this is $$($(PYTHON) -V). Try: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run: $(VENV)/made requirements/run.txt pyproject.toml
	@echo "installing (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements/run.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	@$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

$(BENCH)/made: requirements/bench.txt
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r $<
	@touch $@
