# Every target sets up .venv first:
#   make run PROMPT="..."        answer a prompt with the small embedded model
#   make demo                    run the tour: chat, thinking, a tool, a schema, an agent
#   make cuda                    install torch with CUDA, 3 GB to download, so that models run on an NVIDIA GPU
#   make test                    run the tests, in a few minutes on two cores
#   make test-all                run all tests that need neither a GPU nor a large model's weights: takes an hour or so
#                                and installs some gigabytes of clients
#   make test-clients-all        run the tests of those clients alone
#   make test-shells             install zsh and fish from Debian's packages, as root, and try completion in each shell
#   make test-prometheus         install Debian's Prometheus, as root, and let it scrape a server under load
#   make test-browser            install Debian's Chromium, as root, and let it use the web pages
#   make pictures                let those tests make the pictures of docs/ anew
#   make test-neon               install Debian's compiler for ARM and its emulator, as root, and try the kernels for ARM
#   make test-kernels            run the GPU's kernels in Triton's interpreter, and compile them for every kind of card, in an
#                                environment of their own with torch for the processor; takes half an hour
#   make test-training           run the tests of tiny's training, in the same environment; takes a minute
#   make tiny                    train the small model's update anew, on an NVIDIA GPU: takes less than 20 minutes
#   make fuzz TIMES=20           run the tests that try random and hostile inputs with so many times more of them, others
#                                each time
#   make evaluate-tiny           score the model tiny on the blind set of tools: takes half an hour
#   make check / make fix        run the formatters, linters and the type checker / let them correct what they can
#   make bench NAME=decode ARGS="--model path/to/model.gguf"
#   make clean                   remove the environments and what was built
PROMPT ?= Why is the sky blue?
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt scripts/venv $(wildcard csrc/*)
export PROMPT
unexport PYTHONDONTWRITEBYTECODE  # every process of the tests would compile all that it imports

.PHONY: run demo cuda test test-all test-clients-all test-shells test-prometheus test-browser pictures test-neon test-kernels test-training tiny fuzz evaluate-tiny check fix bench clean

run: $(VENV)/.installed
	@test ! -e /dev/nvidiactl || test -e $(VENV)/.installed-cuda || \
		echo "There is an NVIDIA driver here: \`make cuda\` lets models run on the GPU."
	$(BIN)/ossia run tiny "$$PROMPT"

demo: $(VENV)/.installed-demo
	@$(BIN)/python examples/tour.py

cuda: $(VENV)/.installed-cuda

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 3 --dist worksteal

test-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not torch and not weights and not gpu"

# Clients too large for every day: coding agents of the terminal, and libraries with environments of their own
test-clients-all: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m clients_all tests/clients/all

# `make test` skips the completion of shells that are not installed
test-shells: $(VENV)/.installed-dev
	command -v zsh && command -v fish || apt-get install -y --no-install-recommends zsh fish
	$(BIN)/python -m pytest -rs tests/terminal/test_stranger.py

test-prometheus: $(VENV)/.installed-dev
	command -v prometheus || apt-get install -y --no-install-recommends prometheus
	$(BIN)/python -m pytest -m slow tests/clients/test_prometheus.py

test-browser: $(VENV)/.installed-browser
	command -v chromium || apt-get install -y --no-install-recommends chromium fonts-liberation
	$(BIN)/python -m pytest -m browser tests/browser

PICTURES := page page-dark status status-dark
pictures: $(VENV)/.installed-browser
	$(BIN)/python -m pytest -m browser tests/browser/test_pictures.py
	cp $(PICTURES:%=.cache/browser/%.png) docs/

test-neon: $(VENV)/.installed-dev
	command -v aarch64-linux-gnu-g++ && command -v qemu-aarch64 || \
		apt-get install -y --no-install-recommends g++-aarch64-linux-gnu qemu-user
	$(BIN)/python -m pytest -m slow tests/kernels/test_neon.py

TIMES ?= 20
fuzz: $(VENV)/.installed-dev
	FUZZ=$(TIMES) $(BIN)/python -m pytest -n 2 --timeout 0 -m hypothesis

evaluate-tiny: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -rP -m slow tests/training

KERNELS := .venv-kernels
test-kernels: $(KERNELS)/.installed
	$(KERNELS)/bin/python -m pytest tests/cuda
	for sm in 80 86 89 90 100 120; do $(KERNELS)/bin/python -m tests.cuda.compile_only --sm $$sm || exit; done

test-training: $(KERNELS)/.installed
	$(KERNELS)/bin/python -m pytest tests/training/net

OUT ?= .cache/training
tiny: $(VENV)/.installed-cuda $(VENV)/.installed-dev
	$(BIN)/python -m training $(OUT) $(ARGS)
	cp $(OUT)/tiny_update.safetensors src/ossia/store/

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run -Werror csrc/* tests/kernels/*.cpp

fix: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i csrc/* tests/kernels/*.cpp

NAME ?= decode
bench: $(VENV)/.installed-bench
	$(BIN)/python bench/$(NAME).py $(ARGS)

$(VENV)/.installed: $(SOURCES)
	@scripts/alive "Setting up $(VENV)" scripts/venv $(VENV)
	@scripts/alive "Installing what compiles the kernels" $(BIN)/pip install -q "scikit-build-core>=0.10" "nanobind>=2.4" cmake ninja
	@scripts/alive "Compiling the kernels and installing ossia" $(BIN)/pip install -q --no-build-isolation -e .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@scripts/alive "Installing what the tests need" $(BIN)/pip install -q --no-build-isolation -e ".[dev,clients]"
	touch $@

$(VENV)/.installed-browser: $(VENV)/.installed-dev
	@scripts/alive "Installing what drives the browser" $(BIN)/pip install -q --no-build-isolation -e ".[browser]"
	touch $@

$(VENV)/.installed-cuda: $(VENV)/.installed
	@scripts/alive "Installing torch with CUDA, 3 GB" $(BIN)/pip install -q --no-build-isolation -e ".[cuda]"
	touch $@

$(VENV)/.installed-demo: $(VENV)/.installed
	@scripts/alive "Installing what the tour needs" $(BIN)/pip install -q --no-build-isolation -e ".[demo]"
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-dev
	@scripts/alive "Installing what the benchmarks need" $(BIN)/pip install -q --no-build-isolation -e ".[bench]"
	touch $@

# torch for the processor is on an index of its own; Triton is the version that runs on GPUs
$(KERNELS)/.installed: $(SOURCES)
	scripts/venv $(KERNELS)
	$(KERNELS)/bin/pip install -q "scikit-build-core>=0.10" "nanobind>=2.4" cmake ninja
	$(KERNELS)/bin/pip install -q --no-build-isolation -e .
	$(KERNELS)/bin/pip install -q --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu triton==3.6.0
	$(KERNELS)/bin/pip install -q "numpy<2.4"  # Triton 3.6's interpreter turns arrays of one number into numbers
	$(KERNELS)/bin/pip install -q pytest pytest-asyncio pytest-timeout hypothesis jsonschema httpx safetensors
	touch $@

clean:
	rm -rf $(VENV) $(KERNELS) build .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
