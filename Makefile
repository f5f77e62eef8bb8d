# Everyday work on PZ Server. `make` lists the targets; each sets up what it needs.

VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.requirements-installed
DEVELOPMENT := $(VENV)/.requirements-dev-installed
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input
DEMO := PZSERVER_DEMO=1 PZSERVER_HOST=127.0.0.1
TYPED := services api pages components app.py manage.py
# Files stay whole on one worker, so that a file's tests share one portal and one database server.
PYTEST := $(PY) -m pytest -n 2 --dist loadfile
CLIENT_PYTEST := $(PY) -m pytest -p no:dash -n 2 --dist loadfile -c client/pyproject.toml client/tests

# Released clients that the tests drive, each in an environment of its own.
CLIENTS := 0.2.4 0.2.8 0.3.2 0.3.4 0.3.7
CLIENT_PINS := tests/contract/clients/requirements

# T names the tests to run: make test T=tests/house
T ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-all check format bench browser clients picture clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## portal with demo data on http://127.0.0.1:8050 (Ctrl-C ends it)
	@$(DEMO) $(PY) manage.py migrate
	@$(DEMO) $(PY) manage.py seed-demo --if-empty
	@$(DEMO) exec $(PY) manage.py serve

test: check browser clients ## every check and every test but the slow ones; T=path runs only those
	$(if $(T),,$(CLIENT_PYTEST))
	$(PYTEST) -m "not slow" $(T)

test-all: check browser clients ## every check and every test
	$(if $(T),,$(CLIENT_PYTEST))
	$(PYTEST) $(T)

check: $(DEVELOPMENT) ## format, lint, import laws, types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(VENV)/bin/lint-imports
	$(PY) -m mypy $(TYPED)
	$(PY) -m mypy --config-file client/pyproject.toml client/src

format: $(DEVELOPMENT) ## rewrite the code in the project's format
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: $(DEVELOPMENT) browser ## benchmarks: a table of ratios against baselines of the same run
	$(PY) -m benchmarks

browser: $(DEVELOPMENT) ## find a Chromium for the tests, install one where there is none
	@$(PY) -m tests.support.chromium

clients: $(CLIENTS:%=build/clients/%/.installed) ## environments of the released clients, for the tests

build/clients/%/.installed: $(CLIENT_PINS)-%.txt
	@echo "Installing client $* (only after its pins change) ..."
	@rm -rf build/clients/$*
	@mkdir -p build/clients
	@sh scripts/make_venv.sh build/clients/$*
	@build/clients/$*/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-deps -r $<
	@touch $@

picture: $(DEVELOPMENT) browser ## take the picture of README anew
	$(PY) -m pytest tests/e2e/test_picture.py
	cp test-results/product-page.png docs/images/product-page.png

clean: ## remove the virtual environment and caches; the data folder stays
	rm -rf $(VENV) build test-results .pytest_cache .mypy_cache .ruff_cache

$(PY):
	@sh scripts/make_venv.sh $(VENV)

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing requirements (only after they change) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt client/pyproject.toml | $(PY)
	@echo "Installing requirements for tests (only after they change) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(RUNTIME)
