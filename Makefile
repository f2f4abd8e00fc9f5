# `make run` answers a prompt with the small embedded model; `make test` runs every test. Both set up .venv first.
PROMPT ?= Why is the sky blue?
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt scripts/venv $(wildcard csrc/*)
export PROMPT

.PHONY: run cuda test test-clients-all check fix bench clean

run: $(VENV)/.installed
	@test ! -e /dev/nvidiactl || test -e $(VENV)/.installed-cuda || \
		echo "There is an NVIDIA driver here: \`make cuda\` lets models run on the GPU."
	$(BIN)/ossia run tiny "$$PROMPT"

# torch with CUDA, 3 GB to download: models then run on an NVIDIA GPU, which needs a driver, gcc and Python.h
cuda: $(VENV)/.installed-cuda

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2

# The clients that are too large for every day: coding agents of the terminal, libraries with an environment of their own
test-clients-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m clients_all tests/clients/all

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run -Werror csrc/*

fix: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i csrc/*

# make bench NAME=decode ARGS="--model path/to/model.gguf"
NAME ?= decode
bench: $(VENV)/.installed-bench
	$(BIN)/python bench/$(NAME).py $(ARGS)

$(VENV)/.installed: $(SOURCES)
	scripts/venv $(VENV)
	$(BIN)/pip install -q "scikit-build-core>=0.10" "nanobind>=2.4" cmake ninja
	$(BIN)/pip install -q --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install -q --no-build-isolation -e ".[dev,clients]"
	touch $@

$(VENV)/.installed-cuda: $(VENV)/.installed
	$(BIN)/pip install -q --no-build-isolation -e ".[cuda]"
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/pip install -q --no-build-isolation -e ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) build .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
