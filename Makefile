# Needs python3 (3.11 or newer, with venv) and PyPI; uv is used where it is installed.
#   make demo    migrates a legacy shop and proves that it still works
#   make test    lints, types and tests everything, on every Python from 3.11 to 3.13 that is found

# What stands around must not leak into the environments made here.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
BIN := .venv/bin
PYTHONS := 3.11 3.12 3.13

.PHONY: demo test lint unit unit-pythons clean

demo: .venv/.stamp
	$(BIN)/python scripts/demo.py

test: lint unit unit-pythons

lint: .venv/.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright

unit: .venv/.stamp
	$(BIN)/pytest -n auto

# The tests that build environments of their own do so for the Pythons they need: once is enough, and so it is for the
# cases of the rules and for what mostly starts git, ruff and other programs, which is most of the time;
# `make unit-pythons LESS=` runs these on every Python too.
ONCE := fixtures promises legacy_shop conventions tidy migrate_commits migrate_reports migrate_run migrate_verify verify \
  cli_fix cli_known cli_interactive pylint server hooks init heartbeat heartbeat_http heartbeat_refused routes
LESS := $(ONCE:%=--ignore tests/test_%.py)
unit-pythons: .venv/.stamp
	@set -e; for version in $(PYTHONS); do \
	  if $(BIN)/python -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$$version')"; then continue; fi; \
	  if ! sh scripts/python_env.sh find $$version >/dev/null; then echo "no Python $$version here: not tested on it"; continue; fi; \
	  $(MAKE) --no-print-directory .venvs/$$version/.stamp; \
	  echo "Python $$version"; .venvs/$$version/bin/pytest -n auto -m "not slow" -q $(LESS); \
	done

.venv/.stamp: pyproject.toml setup.py scripts/python_env.sh
	@sh scripts/python_env.sh make .venv dev

.venvs/%/.stamp: pyproject.toml setup.py scripts/python_env.sh
	@sh scripts/python_env.sh make .venvs/$* test $*

clean:
	rm -rf .venv .venvs build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .trueup_cache
