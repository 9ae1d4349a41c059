# All commands of the project; `make help` lists them. A fresh clone needs make, git and Python 3.11 or later with venv and pip.
# Variables: PYTHON (which Python makes .venv), ARGS (handed to the program behind run, test, bench and fuzz).

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
STAMP := .venv/.installed
CODE := src tests tools bench

.DEFAULT_GOAL := help
.PHONY: help run install test check format bench fuzz clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-9s%s\n' "$$name" "$$text"; done

run: $(STAMP) ## start the demo: two accounts with mail, IMAP, POP3 and LMTP on free ports of 127.0.0.1
	@$(BIN)/bustia demo $(ARGS)

install: $(STAMP) ## make .venv with everything that the other commands need

$(STAMP): requirements/run.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or later is needed: make PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

test: $(STAMP) ## run all tests; those against other programs are skipped by name where these are not installed
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

check: $(STAMP) ## format, lint, types, layers, citations: everything but the tests
	@$(BIN)/ruff format --quiet --check $(CODE)
	@$(BIN)/ruff check --quiet $(CODE)
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m tools.house
	@$(BIN)/python -m tools.rfc_links

format: $(STAMP) ## let ruff write the format and the safe repairs
	@$(BIN)/ruff format --quiet $(CODE)
	@$(BIN)/ruff check --quiet --fix $(CODE)

bench: $(STAMP) ## measure this server and, where it is installed, Debian's Dovecot; one table
	@$(BIN)/python -m bench.run $(ARGS)

fuzz: $(STAMP) ## feed made-up input to every target in tests/fuzz
	@$(BIN)/python tests/fuzz/run.py $(ARGS)

clean: ## remove what the other commands made, .venv too (the demo directory stays)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist fuzz-failures src/*.egg-info
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
