# Two commands set up and do everything: `make demo` and `make test`. Both need only Python 3.11 or newer and make.
.DEFAULT_GOAL := help
SHELL := /bin/bash

# The first Python on the path that is new enough.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
  "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
LOCKS := deploy/locks
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
INSTALL := $(PIP) --require-hashes

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.run pages ## Set up, then run simulated homes with the whole service: make demo [TIHM=path] [PORT=8080] [ARGS=...]
	@$(BIN)/livsrytme demo $(if $(TIHM),--tihm '$(TIHM)') $(if $(PORT),--port $(PORT)) $(ARGS)

test: $(VENV)/.dev pages debian ## Set up, then lint, types, import rules and all tests
	@$(MAKE) --no-print-directory check
	@echo "== tests"
	@$(BIN)/pytest -q -n $(or $(WORKERS),2) --dist loadscope $(ARGS)

check: $(VENV)/.dev ## Lint, types, import rules, dead code
	@echo "== format and lint" && $(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@echo "== types" && $(BIN)/mypy --no-error-summary
	@echo "== import rules" && $(BIN)/lint-imports --no-cache > $(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }
	@echo "== dead code" && $(BIN)/vulture

format: $(VENV)/.dev ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --quiet --fix .

pages: $(VENV)/.run ## Fetch the pages' style sheets, script and font (locked)
	@$(BIN)/python -m caregiver_ui.assets

debian: ## Install the programs of Debian's that the tests drive, where they are missing
	@deploy/ensure-debian chromium "$(or $(LIVSRYTME_CHROMIUM),chromium)" chromium-browser google-chrome
	@deploy/ensure-debian dbus-daemon dbus-daemon

pictures: $(VENV)/.dev pages debian ## Keep every page in every variant as a picture: make pictures [FOLDER=build/pictures]
	@LIVSRYTME_PICTURES="$(abspath $(or $(FOLDER),build/pictures))" $(BIN)/pytest -q -m browser tests/browser $(ARGS)
	@echo "The pictures are in $(or $(FOLDER),build/pictures)"

nightly: $(VENV)/.dev ## What takes minutes: a real bluetoothd in a machine of its own, a real Mosquitto
	@$(BIN)/pytest -q -m nightly $(ARGS)

deb: ## Build the gateway's Debian package, in dist/
	@PYTHON="$(PYTHON)" deploy/gateway/package

lock: $(VENV)/.dev ## Write the lock files anew from pyproject.toml (newest versions allowed there)
	@$(PIP) uv
	@deploy/write-locks $(BIN)/uv

bench: $(VENV)/.dev ## Measure: ratios within one run, as machines differ
	@for file in bench/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

clean: ## Remove everything that set-up made
	@rm -rf $(VENV) caregiver_ui/node_modules caregiver_ui/static/vendor

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "== making $(VENV)" && "$(PYTHON)" -m venv $(VENV) \
	  || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# Each stamp is older than its lock after a change of the lock, so that the next command installs what is new.
$(VENV)/.run: $(LOCKS)/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "== installing (locked, about a minute the first time)" && $(INSTALL) -r $(LOCKS)/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(LOCKS)/dev.txt $(VENV)/.run
	@echo "== installing what the tests need" && $(INSTALL) -r $(LOCKS)/dev.txt
	@touch $@

.PHONY: help demo test check pictures nightly deb format pages debian lock bench clean
