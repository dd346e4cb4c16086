# `make run` and `make test` do all the set-up themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VLLM := .vllm
# GPU=1 takes the GPU builds of FAISS and vLLM; TORCH_INDEX names a package index with the wanted build of torch.
FAISS := $(if $(GPU),gpu,cpu)
VLLM_VERSION := 0.32.0
TORCH_INDEX ?=
HAS_BROWSER = $(shell command -v chromium || command -v chromium-browser)
HAS_POSTGRES = $(shell command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)

.PHONY: setup vllm run test specifications test-system bench check clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Epicite needs Python 3.11 or later: make PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --progress-bar off --quiet "torch==2.13.0"
	$(BIN)/python -m pip install --progress-bar off --quiet --editable ".[$(FAISS),test]"
	@touch $@

# vLLM has its own torch and transformers, and so its own environment. The build for CPUs is the community's; what
# comes beside its torch is built for GPUs and cannot be imported, and texts do without it.
vllm: $(VLLM)/.ready-$(FAISS)-$(VLLM_VERSION)

$(VLLM)/.ready-$(FAISS)-$(VLLM_VERSION):
	rm -rf $(VLLM)
	$(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --upgrade pip
	$(VLLM)/bin/python -m pip install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --progress-bar off --quiet "vllm$(if $(GPU),,-cpu)==$(VLLM_VERSION)"
	$(if $(GPU),,$(VLLM)/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec)
	@touch $@

run: setup
	$(BIN)/python app.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What is checked without running takes a minute of the second core.
test: setup
	$(MAKE) --jobs=2 check specifications

specifications: setup
	$(BIN)/python -m pytest

test-system: setup vllm
	@test -n "$(HAS_BROWSER)" || { echo "make test-system needs Chromium: apt-get install chromium"; exit 1; }
	@test -n "$(HAS_POSTGRES)" || { echo "make test-system needs a PostgreSQL server's programs: apt-get install postgresql"; exit 1; }
	SYSTEM_TESTS=1 $(BIN)/python -m pytest -m system

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(VLLM) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
