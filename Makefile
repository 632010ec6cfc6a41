# The two commands: make graph (set-up, then the seeds into export/), make test (set-up, then every check).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)

.DEFAULT_GOAL := help
.PHONY: help graph test bench setup lint lock clean chromium virtuoso

help:
	@echo "make graph   read the seeds into a knowledge graph: export/graph.ttl, export/graph.html"
	@echo "make test    ruff, mypy, import-linter and all tests"
	@echo "make bench   seconds by stage of a build, reading against plain spaCy, the page against plain pyvis, the server under load"
	@echo "make picture take export/graph.png of the page, for the README"
	@echo "make fuzz    feed random bytes to the readers, amounts, dates, names and cues, FUZZ_SECONDS each"
	@echo "make lock    write requirements.lock anew from pyproject.toml"

graph: $(STAMP)
	$(BIN)/kg build seeds --fresh

test: $(STAMP) chromium virtuoso lint
	$(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/stages.py
	OMP_NUM_THREADS=1 $(BIN)/python tests/benchmarks/scale.py
	$(BIN)/python tests/benchmarks/explorer.py
	$(BIN)/python tests/benchmarks/serve.py

# By hand: atheris (62 MB) is no dependency of anything else. Inputs found are kept in .fuzz, and what breaks something too.
FUZZ_SECONDS ?= 150
.PHONY: fuzz
fuzz: $(STAMP)
	$(BIN)/python -m pip install --quiet 'atheris>=3,<4'
	@for target in briefs quantities names cues; do mkdir -p .fuzz/$$target && \
		nice -n 10 $(BIN)/python tests/fuzz/fuzz.py $$target -max_total_time=$(FUZZ_SECONDS) -len_control=0 -max_len=241 \
		-artifact_prefix=.fuzz/$$target- .fuzz/$$target || exit 1; done

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "no virtual environment could be made: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The pages are looked at in a real browser. Only make test needs one; KG_CHROMIUM names one that is elsewhere.
chromium:
	@if [ -n "$(CHROMIUM)$$KG_CHROMIUM" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; \
	else echo "Chromium is not installed, its tests will be left out: install the package « chromium » (apt-get install chromium), or set KG_CHROMIUM" >&2; fi

# What we write is loaded into a real Virtuoso. Only make test needs one; KG_VIRTUOSO names one that is elsewhere.
virtuoso:
	@if [ -n "$$(command -v virtuoso-t)$$KG_VIRTUOSO" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing virtuoso"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends virtuoso-opensource-7 >/dev/null; \
	else echo "Virtuoso is not installed, its tests will be left out: install the package « virtuoso-opensource-7 » (apt-get install virtuoso-opensource-7), or set KG_VIRTUOSO" >&2; fi

# pip-tools is needed only here, and no name of a registry's host goes into the file.
lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet pip-tools
	$(VENV)-lock/bin/pip-compile --quiet --generate-hashes --extra test --strip-extras --allow-unsafe --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) .fuzz .kg export/graph.ttl export/graph.html .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# The picture in the README, taken of the page as it opens.
.PHONY: picture
picture: graph chromium
	"$${KG_CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" --headless --no-sandbox --disable-gpu --hide-scrollbars \
		--window-size=1500,950 --virtual-time-budget=8000 --screenshot="$(CURDIR)/export/graph.png" "file://$(CURDIR)/export/graph.html"
