# Two commands to know: `make demo` shows a ward, `make test` proves it. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# quixstreams wants another confluent-kafka than we do, so it lives apart.
BENCH := .venv-bench
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test test-engines check bench lock clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

demo: $(VENV)/run  ## a ward, live: http://127.0.0.1:8080
	@$(BIN)/wardwatch demo

test: $(VENV)/dev  ## everything that needs Python alone
	@$(BIN)/python -m pytest

test-engines: $(VENV)/dev  ## the same promises on real Mosquitto, Kafka and InfluxDB, installed where they are missing
	@$(BIN)/python -m tests.engines.install
	@WARDWATCH_ENGINES=required $(BIN)/python -m pytest -m engines

bench: $(VENV)/dev $(BENCH)/made  ## speed, each figure beside a peer in the same run; ARGS="detectors" for some of them
	@$(BIN)/python -m tests.engines.install
	@$(BIN)/python -m benchmarks $(ARGS)

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

clean:  ## remove what was made, but not data/
	rm -rf $(VENV) $(BENCH) .pytest_cache .mypy_cache .ruff_cache

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
