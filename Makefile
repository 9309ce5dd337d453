# Nothing is needed but make and Python 3.11 or newer with venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Tests in several processes, each with a broker of its own: most of their time is waiting.
JOBS ?= 2
PARALLEL = $(BIN)/python -m pytest --numprocesses $(JOBS) --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help run install compiled test test-apache chaos test-observability check format bench dashboards pictures screens docs site schemas lock clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  FOR=60s          make run ends by itself and sums up; make chaos lasts so long"
	@echo "  BROKER=host:port make run uses a Kafka of your own"
	@echo "  ARGS='...'       further arguments: of andon up, of pytest, of the benchmark"
	@echo "  JOBS=2           so many processes share the tests; 0 for one that can be debugged"
	@echo "  PYTHON=...       the Python the environment is made with (now: $(PYTHON))"

# The stamps are newer than pyproject.toml once an install has succeeded, so that the next run starts at once.
$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "andon needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "Installing andon into $(VENV): once, a minute or two."
	@$(PYTHON) -m venv $(VENV) || { echo "on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade 'pip>=25.1'
	@PYTHONWARNINGS=ignore $(PIP) install --editable '.[embedded]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing what the tests and checks need."
	@$(PIP) install --group dev
	@touch $@

run: $(VENV)/.run ## the whole pipeline on an embedded broker, fed by a simulated network
	@$(BIN)/andon up $(if $(BROKER),--broker $(BROKER)) $(if $(FOR),--for $(FOR)) $(ARGS)

install: $(VENV)/.dev ## an environment with everything for development

compiled: $(VENV)/.dev ## the compiled loop over plain sales, in place (needs a C compiler; all works without)
	@ANDON_COMPILE=1 $(BIN)/python setup.py --quiet build_ext --inplace

test: $(VENV)/.dev ## all tests, those on a real broker included
	@$(PARALLEL) $(ARGS)

test-apache: $(VENV)/.dev ## the tests that need a broker, on Apache Kafka from Maven (needs Java 17 and mvn)
	@ANDON_TEST_BROKER=apache $(PARALLEL) -m '(apache or chaos or integration) and not slow' $(ARGS)

chaos: $(VENV)/.dev ## kill workers and brokers of a three-node Apache Kafka for 30 minutes (FOR=), and count what is lost
	@$(BIN)/python bench/chaos.py $(if $(FOR),--for $(FOR)) $(ARGS)

test-observability: $(VENV)/.dev ## dashboards and rules on a real Prometheus (installed, or fetched with apt-get)
	@$(BIN)/python -m pytest tests/observability $(ARGS)

check: $(VENV)/.dev ## lint, format, types, architecture, topology, generated files and documents
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: make format" >&2; exit 1; }
	@$(BIN)/mypy -p andon
	@$(BIN)/python -m pytest --quiet tests/test_architecture.py tests/test_docs.py tests/agents/test_topology.py tests/test_deployment.py tests/test_grafana.py tests/console/test_kinds.py tests/schemas

format: $(VENV)/.dev ## mend and format what can be
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(VENV)/.dev ## the pipeline's speed on this machine
	@$(BIN)/python bench/pipeline.py $(ARGS)

dashboards: $(VENV)/.dev ## write grafana/dashboards and the runbook's page anew
	@$(BIN)/python grafana/source/generate.py

pictures: $(VENV)/.dev ## draw the dashboards for docs/monitoring.md: three minutes of the demo
	@$(BIN)/python tests/observability/pictures.py $(ARGS)

screens: $(VENV)/.dev ## take pictures of the console for docs/console.md: two minutes of the demo, and chromium
	@$(BIN)/python tests/console/pictures.py $(ARGS)

docs: $(VENV)/.dev ## write what docs/overview.md and docs/architecture.md show of agents/topology.py anew
	@$(BIN)/python docs/source/generate.py

site: $(VENV)/.dev ## the documents as a site, with a reference of commands, settings and metrics: build/site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

schemas: $(VENV)/.run ## write docs/schemas anew
	@$(BIN)/andon schemas export docs/schemas

lock: $(VENV)/.dev ## pin what the image installs, with hashes; UPGRADE=1 takes the newest
	@$(PIP) install --group lock
	@$(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --python-version 3.11 --python-platform linux \
		--generate-hashes --custom-compile-command 'make lock' --extra excel --extra oidc --extra registry --group build --output-file requirements.lock pyproject.toml

clean: ## remove everything made
	@rm -rf $(VENV) build dist *.egg-info .andon .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
