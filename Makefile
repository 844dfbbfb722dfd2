# make setup   the .venv, nothing else
# make run     pyroTorrent with your config.py, or a demonstration where there is none   (ARGS='--port 9000')
# make test    the whole suite                                                           (ARGS='tests/wire -k scgi')
# make check   format, lint, types, layers, JavaScript syntax
# make bench   the figures
# make messages   new and changed texts into lib/locale/*/LC_MESSAGES/*.po, for translating
# make docs    the documentation as HTML in docs/_build/html

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install

# What Debian has to provide, as program:package (or /file:package).
RUN_NEEDS := rtorrent:rtorrent
TEST_NEEDS := $(RUN_NEEDS) lighttpd:lighttpd spawn-fcgi:spawn-fcgi nginx:nginx-light chromium:chromium \
	apache2:apache2 pg_ctlcluster:postgresql redis-server:redis-server \
	transmission-daemon:transmission-daemon aria2c:aria2 debootstrap:debootstrap node:nodejs npm:npm \
	openssl:openssl git:git \
	/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core
BENCH_NEEDS := $(RUN_NEEDS) wrk:wrk lighttpd:lighttpd spawn-fcgi:spawn-fcgi chromium:chromium node:nodejs npm:npm

SCRIPTS = $(shell find static -name '*.js' -not -path '*/vendor/*')

.PHONY: setup run test check bench docs messages

setup: .venv/.test

# A stamp says that its list is installed; it is written last, so an interrupted installation is done again.
.venv/.made:
	@.ci/install $(PYTHON):python3
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'pyroTorrent needs Python 3.11 or newer as $(PYTHON); choose one with make PYTHON=…' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || .ci/install /nothing:python3-venv
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.run: .venv/.made .ci/constraints.txt
	$(PIP) -r .ci/constraints.txt
	@touch $@

.venv/.test: .venv/.run .ci/constraints-test.txt
	$(PIP) -r .ci/constraints-test.txt -c .ci/constraints.txt
	@touch $@

# The demonstration brings its own rTorrents; a config.py names those that run already.
run: .venv/.run
	@[ -n "$$PYROTORRENT_CONFIG" ] || [ -e config.py ] || [ -e "$$HOME/.config/pyrotorrent/config.py" ] || \
		.ci/install $(RUN_NEEDS)
	@exec $(BIN)/python pyrotorrent.py run $(ARGS)

# axe-core, for the tests of accessibility; npm writes this file last. Nothing of it is shipped.
AXE := tests/a11y/node_modules/.package-lock.json
$(AXE): tests/a11y/package-lock.json
	@.ci/install npm:npm
	npm ci --prefix tests/a11y --loglevel=error --no-audit --no-fund
	@touch $@

test: .venv/.test $(AXE)
	@.ci/install $(TEST_NEEDS)
	@exec $(BIN)/python -m pytest -n 3 $(ARGS)

check: .venv/.test
	@.ci/install node:nodejs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@for script in $(SCRIPTS); do \
		node --input-type=module --check <"$$script" || { echo "$$script is not valid JavaScript" >&2; exit 1; }; \
	done

bench: .venv/.test
	@.ci/install $(BENCH_NEEDS)
	@exec $(BIN)/python -m tests.bench $(ARGS)

messages: .venv/.test
	@exec $(BIN)/python -m tests.i18n.messages $(ARGS)

docs: .venv/.test
	$(BIN)/sphinx-build -q -W -b html docs docs/_build/html
