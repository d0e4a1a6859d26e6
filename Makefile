# Every target does its own set-up: `make demo` and `make test` are all that a fresh clone needs.
# PYTHON=python3.12 picks the interpreter, VENV=dir the environment, WORKERS=n the test processes.

VENV ?= .venv
export VENV

SOAK_ROUNDS ?= 1000
# What goes through more when SOAK_ROUNDS is set.
SOAK_TESTS = tests/survival $(shell grep --recursive --files-with-matches --include='test_*.py' --exclude-dir=survival SOAK_ROUNDS tests)

.DEFAULT_GOAL := help
.PHONY: help demo odoo test lint fmt bench soak clean

help: ## Show these targets.
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

demo: ## Run the demo: broker, devices, flows and a stand-in for Odoo. DEMO_SECONDS=20 ends it.
	@scripts/setup demo
	@exec $(VENV)/bin/flowengine demo

odoo: ## Run an Odoo 19 with the addon and demo data; Ctrl-C ends it, data and all.
	@scripts/setup dev debian
	@exec scripts/odoo start --demo

test: ## Run every check and every test.
	@scripts/setup dev debian ui odoo
	@scripts/lint
	@scripts/test

lint: ## Run the checks only: format, lint, types, layers, generated files, flows, editor.
	@scripts/setup dev ui
	@scripts/lint

fmt: ## Format the Python files and the flows.
	@scripts/setup dev
	@scripts/format

bench: ## Measure against Node-RED and write docs/performance.md.
	@scripts/setup dev debian
	@exec $(VENV)/bin/python -m bench --write

soak: ## Kill the engine and the broker again and again, try every mutant; SOAK_ROUNDS=1000.
	@scripts/setup dev debian
	@SOAK_ROUNDS=$(SOAK_ROUNDS) exec $(VENV)/bin/python -m pytest $(sort $(SOAK_TESTS)) --timeout 0

clean: ## Remove the environment and everything that is made again.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache ui/node_modules build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
