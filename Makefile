# The whole interface of this project; README.md says what each target is for.

PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
LOG := .cache/install.log
BROWSER := .cache/browser
TYPESCRIPT := .cache/typescript/installed
PLAYGROUND := .cache/playground/dist/keras.zst
PLAYGROUND_NPM := .cache/playground/npm/installed
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)

# Material announces its successor at each build, and pip a newer pip.
export NO_MKDOCS_2_WARNING := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: serve build test prove lint format update watch mutants matrix nightly search links zensical bench audit lock clean

serve: $(PLAYGROUND)
	@$(PY) -m mkdocs serve --livereload --strict --dev-addr 127.0.0.1:$(PORT)

# Without --quiet, which hides from --strict the warnings that it should stop at.
build: $(PLAYGROUND)
	@$(PY) -m mkdocs build --strict --site-dir site
	@echo "The site is in site/."
ifdef OFFLINE
	@PYTHONPATH=tools $(PY) -m offline.copy site site-offline
	@echo "A copy that needs no server is in site-offline/: open site-offline/index.html."
endif

# Two processes, each with its own import of Keras; more would wait for the longest file.
PROCESSES := --numprocesses auto --maxprocesses 2 --dist loadfile

ifdef KERAS
test: $(UV)
	@python=$$(PYTHONPATH=tools $(PY) -m matrix.own $(KERAS)) && \
		$(PY) -m pytest docs --keras $$python $(PROCESSES)
else
test: $(PLAYGROUND) $(BROWSER) $(TYPESCRIPT)
	@$(PY) -m pytest $(PROCESSES)
endif

prove: $(INSTALLED)
	@$(PY) -m pytest docs

lint: $(TYPESCRIPT) $(PLAYGROUND_NPM)
	@$(PY) -m pytest tests/test_style.py --quiet

# What can't be fixed is shown, and doesn't keep the rest from being formatted.
format: $(INSTALLED)
	@$(PY) -m ruff check --fix --exit-zero
	@$(PY) -m ruff format

update: $(INSTALLED)
	@$(PY) -m pytest docs tests/test_figures.py --update --quiet

watch: $(INSTALLED)
	@PYTHONPATH=tools $(PY) -m proof.watch docs

# Playwright's own Chromium where it can be fetched, else the system's; the system's Firefox. They
# are installed into the system only in CI, or when asked for.
INSTALL_BROWSER ?= $(CI)

$(BROWSER): $(INSTALLED)
	@mkdir -p $(@D); { $(PY) -m playwright install chromium; $(PY) tools/browser.py || { \
		test -n "$(INSTALL_BROWSER)" && apt-get update && apt-get install --yes chromium firefox-esr \
		&& $(PY) tools/browser.py; }; } >$(@D)/browser.log 2>&1 || { echo >&2 \
		"The tests need Chromium and Firefox. Install them, on Debian by: apt install chromium" \
		"firefox-esr, or by: make test INSTALL_BROWSER=1. Both need root. What was tried is in" \
		"$(@D)/browser.log."; \
		exit 1; }
	@touch $@

# npm packages are installed outside the folders that list them, so that nothing there needs to be
# ignored. npm looks for node in PATH.
NPM_FILES := package.json package-lock.json .npmrc

define npm_ci
	@mkdir -p $(@D) && cp $(addprefix $(1)/,$(NPM_FILES)) $(@D)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm ci --prefix $(@D) >$(@D)/npm.log 2>&1 || { echo >&2 \
		"The packages of $(1)/package.json could not be installed: is there a network? What npm" \
		"said is in $(@D)/npm.log. Then run the same command again."; exit 1; }
	@touch $@
endef

$(TYPESCRIPT): $(INSTALLED) $(addprefix tools/typescript/,$(NPM_FILES))
	$(call npm_ci,tools/typescript)

$(PLAYGROUND_NPM): $(INSTALLED) $(addprefix playground/,$(NPM_FILES))
	$(call npm_ci,playground)

# Keras for the browser. It holds what proves the pages, too.
BUNDLED := $(shell find playground -type f) \
	$(addprefix tools/proof/,drawing.py program.py protocol.py shape_comments.py)

$(PLAYGROUND): $(PLAYGROUND_NPM) $(BUNDLED)
	@echo "Building Keras for the browser into $(@D): a minute or two, once."
	@$(VENV)/bin/node playground/build/bundle.mjs $(<D)/node_modules $(PY) $(@D) \
		>$(@D).log 2>&1 || { echo >&2 "Keras for the browser could not be built. What was" \
		"said is in $(@D).log."; exit 1; }

mutants: $(INSTALLED)
	@$(PY) -m pytest tests/test_mutants.py --code-mutants 20

matrix: $(UV)
	@PYTHONPATH=tools $(PY) -m matrix.run $(ENV)

nightly: $(UV)
	@PYTHONPATH=tools $(PY) -m matrix.nightly .cache/nightly.md

search: build
	@PYTHONPATH=tools $(PY) -m search.measure site

links: build
	@$(PY) tools/external_links.py site

# It stands in an environment of its own, since its packages are not ours.
zensical: $(INSTALLED)
	@$(PY) -m venv .cache/zensical && .cache/zensical/bin/pip install --quiet zensical==0.0.73
	@$(PY) tools/zensical_check.py .cache/zensical/bin/zensical

# The other tools see the packages of .venv, and stand in an environment of their own.
BENCH := .cache/bench/installed
PEERS := sybil==10.1.0 pytest-examples==0.0.18 mktestdocs==0.2.5 nbmake==1.5.5

bench: $(BENCH) $(BROWSER) build
	@PYTHONPATH=tools $(PY) tools/browser_bench.py site
	@PYTHONPATH=tools $(PY) tools/bench.py

$(BENCH): $(INSTALLED)
	@rm -rf .cache/bench && $(PY) -m venv .cache/bench
	@$(PY) -c 'import site; print(*site.getsitepackages(), sep="\n")' \
		> "$$(.cache/bench/bin/python -c 'import site; print(site.getsitepackages()[0])')/shared.pth"
	@.cache/bench/bin/python -m pip install --quiet --compile $(PEERS)
	@touch $@

# A vulnerability that can't be fixed is named here, with --ignore-vuln and the reason.
audit: $(INSTALLED)
	@$(PY) -m venv .cache/audit && .cache/audit/bin/pip install --quiet pip-audit==2.10.1
	@.cache/audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.txt

$(INSTALLED): requirements.txt
	@$(or $(PYTHON),false) -c '$(SUITABLE)' 2>/dev/null || { echo >&2 \
		"Python 3.11, 3.12 or 3.13 is needed, and $(or $(PYTHON),python3) is not one of them:" \
		"install it, or name it with make PYTHON=/path/to/python."; exit 1; }
	@echo "Installing requirements.txt into $(VENV): 3 GB, some minutes, once."
	@mkdir -p .cache && rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) >$(LOG) 2>&1 || { echo >&2 \
		"$(PYTHON) can't make a virtual environment; on Debian and Ubuntu install python3-venv." \
		"What it said is in $(LOG)."; exit 1; }
	@$(PY) -m pip install --compile --require-hashes -r requirements.txt >$(LOG) 2>&1 || { echo >&2 \
		"The packages of requirements.txt could not be installed: is there a network, and room" \
		"on the disk? What pip said is in $(LOG). Then run the same command again."; exit 1; }
	@touch $@

# The lock for every system that is promised; each of them must find all its packages built.
SYSTEMS := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin
# Dependabot reads these options from the header of the lock, to lock in the same way.
LOCK := pip compile --universal --python-version 3.11

$(UV): $(INSTALLED)
	@$(PY) -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==$(UV_VERSION)

lock: $(UV)
	@$(UV) $(LOCK) --quiet --fork-strategy fewest --generate-hashes \
		--custom-compile-command "make lock (uv $(LOCK))" requirements.in -o requirements.txt
	@for system in $(SYSTEMS); do for version in 3.11 3.12 3.13; do \
		$(UV) pip install --quiet --dry-run --require-hashes --only-binary :all: \
			--target .cache/none --python-platform $$system --python-version $$version \
			-r requirements.txt && echo "$$system, Python $$version: complete" || exit 1; \
	done; done

clean:
	@rm -rf $(VENV) .cache .pytest_cache .ruff_cache site site-offline
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
