# Everything runs in .venv, which each target makes if it is not there. `make demo` and `make test` need nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# Two workers: what a small machine has. The whole of `make test` takes a few minutes on it.
WORKERS ?= 2
FAULTS_RESULTS := $(VENV)/faults.jsonl

.PHONY: install demo serve test test-slow test-faults lint format bench clean

install: $(VENV)/.installed

demo: $(VENV)/.installed
	@DEBUG=$${DEBUG-true} ENV_FILE= DJANGO_SETTINGS_MODULE=uploader_site.settings exec $(BIN)/python manage.py demo

serve: $(VENV)/.installed
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.installed-dev
	tests/setup/chromium.sh
	$(PYTEST) -n $(WORKERS)

test-slow: $(VENV)/.installed-dev
	tests/setup/chromium.sh
	$(PYTEST) -m slow --ignore=tests/faults
	tests/setup/postgres.sh $(PYTEST) -n $(WORKERS) tests/app tests/commands/test_settle.py tests/commands/test_presign*.py
	$(MAKE) test-faults

# The real page in Chromium and Firefox behind a misbehaving proxy. Its table is printed whatever comes out.
test-faults: $(VENV)/.installed-dev
	tests/setup/chromium.sh
	tests/setup/firefox.sh
	@rm -f $(FAULTS_RESULTS)
	FAULTS_RESULTS=$(FAULTS_RESULTS) $(PYTEST) -m slow -n $(WORKERS) --dist worksteal tests/faults; \
		status=$$?; $(BIN)/python -m tests.faults.table $(FAULTS_RESULTS); exit $$status

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	tests/setup/typescript.sh --project jsconfig.json

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis staticfiles

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON to one, as in: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
