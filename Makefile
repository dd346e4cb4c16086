# `make run` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# GPU=1 takes the GPU build of FAISS; TORCH_INDEX names a package index with the wanted build of torch.
FAISS := $(if $(GPU),gpu,cpu)
TORCH_INDEX ?=
HAS_BROWSER = $(shell command -v chromium || command -v chromium-browser)

.PHONY: setup run test test-system bench check clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Epicite needs Python 3.11 or later: make PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --progress-bar off --quiet "torch==2.13.0"
	$(BIN)/python -m pip install --progress-bar off --quiet --editable ".[$(FAISS),test]"
	@touch $@

run: setup
	$(BIN)/python app.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest

test-system: setup
	@test -n "$(HAS_BROWSER)" || { echo "make test-system needs Chromium: apt-get install chromium"; exit 1; }
	SYSTEM_TESTS=1 $(BIN)/python -m pytest -m system

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
