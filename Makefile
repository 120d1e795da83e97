# Every target sets up its own virtual environment from the locked versions; no root needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: verify test lint docs report appendix pages bench lock clean

verify: $(READY)
	$(BIN)/latent-stopping verify

test: $(READY)
	$(BIN)/python -m pytest -n auto

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY)
	$(BIN)/mkdocs build --strict

report: $(READY)
	mkdir -p build
	$(BIN)/latent-stopping report build/report

appendix: $(READY)
	mkdir -p build
	$(BIN)/latent-stopping latex --pdf build/appendix.pdf

# what is generated in docs/ and the README: pages, captures, formulas, the picture of the headline
pages: $(READY)
	$(BIN)/latent-stopping findings --markdown docs/findings.md
	$(BIN)/python -m proofs_check.report.reference docs/reference/command.md
	$(BIN)/latent-stopping advise --data digits --plot docs/assets/headline.png
	$(BIN)/python docs/hooks/small.py docs/assets/headline.png
	$(BIN)/python tests/docs/doc_pages.py README.md docs/*.md docs/*/*.md

# every target of speed and accuracy beside its peers, into the reference page; about ten minutes
bench: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r tests/bench/requirements.txt
	$(BIN)/python tests/bench --write docs/reference/benchmarks.md || [ $$? -eq 1 ]  # 1: a target is missed, the page says which

lock: $(READY)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras --group dev \
	  --no-header --no-annotate -o requirements-lock.txt pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --no-deps --generate-hashes \
	  --no-header --no-annotate -o tests/bench/requirements.txt tests/bench/requirements.in

$(READY): requirements-lock.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) build dist site *.egg-info
