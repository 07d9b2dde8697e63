# Every target works from a fresh clone and sets up what it needs. See CONTRIBUTING.md.
PYTHON ?= python3
BIN := venv/bin
TESTS ?= tests
SIZE ?= usual
CONSOLE := $(shell find web/src web/public clients/typescript/src -type f) web/index.html web/package.json web/vite.config.ts

# Hundreds of processes load the same modules in the tests: let the first one keep what it compiled.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup installed demo browser test test-pages test-others check audit lock package pythons up exec format lint types generate architecture storms stateful random shapes figures points mutants bench clean

help: ## Say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: ## Install everything, into this folder only
	@$(MAKE) --no-print-directory -j3 installed

installed: venv/.ready suite/node_modules/.ready web/dist/index.html
	@:

venv/.ready: requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing: install it, or say PYTHON=…"; exit 1; }
	$(PYTHON) -m venv venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

suite/node_modules/.ready: suite/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is missing: install it."; exit 1; }
	npm ci --prefix suite --no-audit --no-fund --loglevel=error
	@touch $@

web/node_modules/.ready: web/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is missing: install it."; exit 1; }
	npm ci --prefix web --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.ready $(CONSOLE)
	npm run build --prefix web --silent -- --logLevel warn
	@touch $@

demo: setup ## Real orders become customers, before your eyes
	@$(BIN)/python -m demo

browser: setup
	@$(BIN)/python -m suite.chromium

test: setup $(if $(filter tests tests/browser%,$(TESTS)),browser) ## Every test: unit, property, live suite, rules, the console
	@$(if $(filter tests,$(TESTS)),npm test --prefix web --silent)
	@$(if $(filter tests,$(TESTS)),$(MAKE) -s -j2 test-pages test-others,$(BIN)/pytest -n auto --dist worksteal $(TESTS))

# Emulators that live for minutes: what a thorough compiler and several collectors of garbage take, they never give
# back. A third of Firestore's time and half of its memory.
test test-pages test-others: export JDK_JAVA_OPTIONS ?= -XX:MaxRAMPercentage=50 -XX:+UseSerialGC -XX:TieredStopAtLevel=1

# Side by side, at emulators of their own: Firestore's never forgets the listeners of a page that was closed,
# and every later write has to wait until all of them were told of it.
test-pages:
	@said=$$(mktemp); $(BIN)/pytest -n 1 tests/browser >$$said 2>&1; ended=$$?; cat $$said; rm -f $$said; exit $$ended

test-others:
	@$(BIN)/pytest -n auto --dist worksteal --durations 20 tests --ignore=tests/browser

check: setup ## What must pass before a commit lands: format, lint, types, tests
	@$(MAKE) --no-print-directory -j2 lint types
	@$(MAKE) --no-print-directory audit
	@$(MAKE) --no-print-directory test

lint: setup
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@npm run lint --prefix web --silent

types: setup
	@$(BIN)/mypy
	@npm run types --prefix web --silent

format: setup ## Bring the code into its form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .
	@npm run format --prefix web --silent

generate: setup ## What is made of the models of calls: the document, the clients, parts of the docs
	@$(BIN)/python -m clients
	@npm run generate --prefix web --silent

architecture: setup ## The figures of the house; draws the picture of docs/architecture.md anew
	@$(BIN)/python -m testing.architecture

audit: setup ## What is publicly known against what is locked; a registry that does not answer is skipped
	@$(BIN)/python -m release.audit

lock: venv/.ready ## requirements*.txt anew from pyproject.toml, with hashes [UPGRADE=name, or all]
	@$(BIN)/python -m release.lock $(if $(filter all,$(UPGRADE)),--upgrade,$(if $(UPGRADE),--upgrade-package $(UPGRADE)))

package: setup ## The wheel that hosts install, into dist/
	@$(BIN)/python -m release.wheel

pythons: setup ## The unit tests on every other Python that is found here, 3.11 to 3.14 (downloads)
	@$(BIN)/python -m release.pythons

up: setup ## The suite with functions, left running; Ctrl-C ends it
	@$(BIN)/python -m suite up --seed demo.seed:seed

# Under another name, for make would expand CMD's own dollar signs on the way to its environment.
exec: export COMMAND := $(value CMD)
exec: setup ## Run CMD='…' inside a fresh, empty suite
	@$(BIN)/python -m suite exec --shell "$$COMMAND"

screenshots: setup ## Pictures of the staff console for its documentation
	@$(BIN)/python -m demo.screenshots

licences: setup ## What the staff console is built from, with licences and size
	@npm run licences --prefix web --silent

storms: setup ## Twenty storms in memory and twenty on the live emulator
	@STORMS=20 $(BIN)/pytest -n 2 -s tests/unit/product/test_storms.py tests/suite/test_contention.py

stateful: setup ## 5,000 random lives of a shop, in memory (some 15 minutes)
	@CRM_SEQUENCES=5000 $(BIN)/pytest -n 0 -s tests/unit/product/test_stateful.py

random: setup ## The unit tests with new random examples, others each time
	@$(BIN)/pytest -n auto --dist worksteal --hypothesis-profile=random tests/unit

shapes: setup ## Every app that `firebase init` makes: from the wheel to a customer, and out again (some 5 minutes)
	@CRM_SHAPES=all $(BIN)/pytest -n 0 -s -k first_customer tests/suite/test_install.py

figures: setup ## Figures of all real orders in three time zones (some 2 minutes)
	@CRM_ALL_FIGURES=1 $(BIN)/pytest -n auto tests/unit/reports/test_real_figures.py

points: setup ## Every remote call of every operation, gone wrong in every way (some 3 minutes)
	@CRM_POINTS=all $(BIN)/pytest -n auto tests/unit/product/test_every_call.py

# PACKAGE=merging tries all of that package again, otherwise what is not killed yet.
mutants: setup ## Faults put into the code one by one: do the tests notice? [PACKAGE=merging]
	@$(BIN)/python -m mutation $(PACKAGE)

bench: setup ## How far from what the platform allows, how far ahead of what one would do instead
	@$(BIN)/python -m bench --size $(SIZE)

clean: ## Remove what setup made
	rm -rf venv suite/node_modules suite/browser/node_modules web/node_modules web/dist web/site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants
