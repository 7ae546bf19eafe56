PYTHON ?= python3
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: run test test-fast check bench shots reset lock format messages

# Installing again only when a lock file changed.
$(VENV)/.installed: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.installed
	@exec $(RUN) manage.py quickstart --port $(PORT)

reset: $(VENV)/.installed
	@exec $(RUN) manage.py quickstart --port $(PORT) --reset

test: $(VENV)/.installed-dev
	$(RUN) -m tests.all

test-fast: $(VENV)/.installed-dev
	$(RUN) -m pytest -q --no-header -m "not browser and not postgresql and not redis and not nginx and not slow" -n 2

check: $(VENV)/.installed-dev
	$(RUN) -m tests.checks

bench: $(VENV)/.installed-dev
	$(RUN) -m tests.bench

shots: $(VENV)/.installed-dev
	$(RUN) -m tests.shots

format: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check --fix --quiet .
	$(VENV)/bin/ruff format --quiet .

messages: $(VENV)/.installed-dev
	$(RUN) manage.py makemessages --locale zh_Hans --no-obsolete --no-location --ignore .venv --ignore var --ignore tests
	$(RUN) manage.py compilemessages --ignore .venv

lock: $(VENV)/.installed-dev
	$(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock
	$(VENV)/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements-dev.lock
