# syncd: the commands for working on it. `make` prints this help.
VENV := .venv
BIN := $(VENV)/bin
DBT := $(VENV)/dbt
PEERS := $(VENV)/peers
EMULATOR := packages/recall-emulator
PYTHON ?= python3
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
  --custom-compile-command "make lock"
# For two cores: many tests wait, for a server or for a time to pass, so four keep both busy.
TEST_WORKERS ?= 4
export UV_PROJECT_ENVIRONMENT := $(VENV)
# A shell's own settings must not leak into a build or a test.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## print this help
	@echo "syncd: Recall.ai transcripts in Postgres, without webhooks"; echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

# The versions in uv.lock, exactly. uv comes from pip, so that Python with venv is all a machine needs;
# the second try trusts the machine's own certificates, for networks with a certificate of their own.
$(VENV)/.installed: pyproject.toml $(EMULATOR)/pyproject.toml uv.lock
	@test -x $(BIN)/python || echo "Making $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "On Debian and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing the packages of uv.lock into $(VENV), about half a minute where none is cached ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.13,<0.14"
	@$(BIN)/uv sync --quiet --frozen --inexact --all-extras --group dev 2>/dev/null \
	  || $(BIN)/uv sync --quiet --frozen --inexact --all-extras --group dev --system-certs
	@touch $@

# dbt, for the tests of dbt/. It lives apart, because it cannot agree with mypy on what both need.
$(DBT)/.installed: $(VENV)/.installed
	@echo "Installing dbt into $(DBT), for the tests of dbt/ ..."
	@UV_PROJECT_ENVIRONMENT=$(DBT) $(BIN)/uv sync --quiet --frozen --only-group dbt --python $(BIN)/python 2>/dev/null \
	  || UV_PROJECT_ENVIRONMENT=$(DBT) $(BIN)/uv sync --quiet --frozen --only-group dbt --python $(BIN)/python \
	    --system-certs
	@touch $@

# The other tools of `make bench`, each in an environment of its own.
$(PEERS)/%/.installed: bench/peers/%.txt $(VENV)/.installed
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@$(BIN)/uv pip sync --quiet --python $(@D)/bin/python $< 2>/dev/null \
	  || $(BIN)/uv pip sync --quiet --python $(@D)/bin/python $< --system-certs
	@touch $@

install: $(VENV)/.installed $(DBT)/.installed ## install syncd and its tools into .venv

demo: $(VENV)/.installed ## run the real daemon against the emulated Recall, and query what it brought
	@$(BIN)/syncd demo

test: $(VENV)/.installed ## all tests, on the embedded Postgres or the server in SYNCD_TEST_DATABASE_URL
	@$(BIN)/python -m pytest --numprocesses $(TEST_WORKERS) --dist load --no-loadscope-reorder $(PYTEST_ARGUMENTS)

explore: $(VENV)/.installed ## the property tests with new examples, and more of them
	@$(BIN)/python -m pytest --hypothesis-profile explore -m hypothesis $(PYTEST_ARGUMENTS)

bench: $(VENV)/.installed $(PEERS)/dlt/.installed $(PEERS)/singer/.installed ## all benchmarks, into bench/results.json
	@$(BIN)/python -m bench

check: $(VENV)/.installed ## the fast part: ruff, mypy, import contracts, core tests with their branch coverage
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd $(EMULATOR) && $(CURDIR)/$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/coverage run -m pytest -q tests/core
	@$(BIN)/coverage report
	@$(BIN)/python -m pytest -q tests/test_conventions.py

format: $(VENV)/.installed ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.installed ## write docs/tables.md, docs/schema.txt and dbt/models/sources.yml from the schema
	@$(BIN)/python -m tools.describe

wheel: $(VENV)/.installed ## build dist/: the wheels of syncd and of the emulator, and the exact versions they need
	@rm -f dist/*.whl
	@$(BIN)/python -m build --wheel --no-isolation
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist $(EMULATOR)
	@$(BIN)/uv export --quiet --frozen --no-dev --no-emit-workspace --no-header --output-file dist/requirements.txt

lock: ## renew uv.lock from pyproject.toml, and what the other tools of the benchmarks need
	@$(BIN)/uv lock --upgrade
	@echo "dlt[postgres]==1.31.0" | $(COMPILE) --output-file bench/peers/dlt.txt -
	@echo "meltanolabs-target-postgres==0.8.1" | $(COMPILE) --output-file bench/peers/singer.txt -

clean: ## remove what was built and installed
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage

.PHONY: help install demo test explore bench check format docs wheel lock clean
