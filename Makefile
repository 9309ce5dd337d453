# make run and make test need nothing but Python 3.11+ with venv, and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CHECK_SITE := build/check
SOURCES := schemas planning streams agents cli

.DEFAULT_GOAL := help
.PHONY: help run install test check format bench schemas lock clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18
	@echo; echo "  FOR=60s      make run stops by itself"; echo "  BROKER=h:p   make run uses a Kafka of your own"

$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "andon needs Python 3.11 or newer: make PYTHON=python3.11 ..."; exit 1; }
	@echo "making $(VENV) and installing andon (a minute or two, once)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

run: $(VENV)/.run ## the whole pipeline on an embedded broker, fed by a simulated network
	@$(BIN)/andon $(if $(BROKER),--broker $(BROKER)) up $(if $(FOR),--for $(FOR)) $(ARGS)

install: $(VENV)/.dev ## a virtual environment with everything for development

test: $(VENV)/.dev ## all tests, those on a real broker included
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## lint, types, architecture
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@rm -rf $(CHECK_SITE) && $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --target $(CHECK_SITE) . 2>/dev/null
	@cd $(CHECK_SITE) && MYPYPATH=. $(abspath $(BIN))/mypy --config-file $(abspath pyproject.toml) --namespace-packages --explicit-package-bases -p andon.schemas -p andon.planning -p andon.streams
	@$(BIN)/python -m pytest --quiet tests/test_architecture.py tests/schemas/test_export.py

format: $(VENV)/.dev ## format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

bench: $(VENV)/.dev ## the pipeline's speed on this machine
	@$(BIN)/python bench/pipeline.py $(ARGS)

schemas: $(VENV)/.run ## write docs/schemas anew
	@$(BIN)/andon schemas export docs/schemas

lock: $(VENV)/.dev ## pin what the image installs, with hashes
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --output-file requirements.lock pyproject.toml

clean: ## remove everything made
	@rm -rf $(VENV) build *.egg-info .andon .mypy_cache .ruff_cache .pytest_cache .hypothesis
