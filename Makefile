# `make` or `make help` lists the targets. Every target sets up its own environment in .venv first.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
bin := .venv/bin
# Number of test processes; TESTS chooses what to run, e.g. make test TESTS=tests/unit
WORKERS ?= auto
TESTS ?= tests

.PHONY: help setup run app test check bench golden

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## environment in .venv/ from requirements.lock; quick when nothing changed
	@.ci/environment

run: setup  ## compare the shipped scenarios: coverage and gap, with intervals; write the report
	@$(bin)/patient-capital compare baseline seeds-patient seeds-tolerance seeds-patient-tolerance --paths 2000 --report

app: setup  ## open the app in a browser
	@$(bin)/patient-capital app

test: setup  ## all tests, those in a browser too
	@.ci/system-packages
	@$(bin)/pytest -n $(WORKERS) --dist worksteal $(TESTS)

check: setup  ## lint, format, types, layers, spelling
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/codespell

bench: setup  ## time the engine and the cold start on this machine
	@$(bin)/python -m benchmarks

golden: setup  ## rewrite the golden files from what the model says now; read the diff before you commit it
	@$(bin)/pytest tests/golden --refresh-golden
	@git --no-pager diff --stat -- tests/golden || true
