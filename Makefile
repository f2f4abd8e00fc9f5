# Every target sets up .venv first:
#   make run PROMPT="..."        answer a prompt with the small embedded model
#   make test                    run the tests, in a few minutes on two cores
#   make test-all                run all tests that need neither a GPU nor a large model's weights: takes an hour or so
#                                and installs some gigabytes of clients
#   make test-clients-all        run the tests of those clients alone
#   make check / make fix        run the formatters, linters and the type checker / let them correct what they can
#   make bench NAME=decode ARGS="--model path/to/model.gguf"
PROMPT ?= Why is the sky blue?
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt scripts/venv $(wildcard csrc/*)
export PROMPT

.PHONY: run test test-all test-clients-all check fix bench clean

run: $(VENV)/.installed
	$(BIN)/ossia run tiny "$$PROMPT"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not torch and not weights and not gpu"

# Clients too large for every day: coding agents of the terminal, and libraries with environments of their own
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

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	$(BIN)/pip install -q --no-build-isolation -e ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) build .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
