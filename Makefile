# Each target does all the set-up it needs; only Python >= 3.11 with venv, make and git are assumed.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help report quarter test trust lab screenshots lock

help:
	@echo "make report   set up, clean the real data, render every page into outputs/"
	@echo "make quarter YEAR=1405 QUARTER=3 [PROVINCE=alborz]  fetch, clean, render and share a quarter"
	@echo "make test     set up, check the style, run every test"
	@echo "make trust    set up, put faults in, write docs/trust.md (some ten minutes)"
	@echo "make lab      set up, open JupyterLab in notebooks/"
	@echo "make screenshots  take the README's pictures (needs Chromium)"
	@echo "make lock     pin the newest versions that pyproject.toml allows"

report: $(READY)
	$(BIN)/workbench clean
	$(BIN)/workbench render

# The source has no months: a quarter is what it holds after three more of them, less what it held
# before (docs/how-to/quarterly-round.md). FETCH holds further options of `workbench fetch`.
PROVINCE ?= alborz
quarter: $(READY)
	@case "$(YEAR)/$(QUARTER)" in 1[34][0-9][0-9]/[1-4]) ;; *) \
	  echo "make quarter YEAR=1405 QUARTER=3: which quarter does the source hold by now?"; exit 2;; esac
	$(BIN)/workbench fetch tccim --years $(YEAR) --months 1-$$((3 * $(QUARTER))) $(FETCH)
	$(BIN)/workbench clean
	$(BIN)/workbench render --province $(PROVINCE) --period $(YEAR)Q$(QUARTER)
	$(BIN)/workbench share --province $(PROVINCE) --period $(YEAR)Q$(QUARTER) \
	  --out outputs/$(PROVINCE)-$(YEAR)Q$(QUARTER).zip

test: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest -n 3

# Kills, races, damaged files, hostile texts: what became of each fault. `make trust KINDS=kills`
# tries some kinds alone (tests/trust), and then writes no table.
trust: $(READY)
	PYTHONPATH=tests $(BIN)/python -m trust $(KINDS) --table docs/trust.md

lab: $(READY)
	$(BIN)/workbench lab

screenshots: $(READY)
	$(BIN)/workbench render 02_check_published_figures --to html
	$(BIN)/python docs/screenshots.py

lock: $(READY)
	uv=$$(command -v uv || echo $(BIN)/uv); $$uv pip compile --upgrade --universal \
	  --generate-hashes --no-header --quiet --extra test --extra cluster \
	  pyproject.toml --output-file requirements.lock

# uv installs in seconds what pip installs in minutes; it is fetched where it is not present.
# Bytecode is compiled once here, or every kernel would compile all it imports.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	command -v uv >/dev/null || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet uv
	uv=$$(command -v uv || echo $(BIN)/uv); \
	  UV_COMPILE_BYTECODE_TIMEOUT=600 $$uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock && \
	  $$uv pip install --quiet --python $(BIN)/python --no-deps -e .
	if git rev-parse --git-dir >/dev/null 2>&1; then \
	  git config filter.notebook.clean "$(BIN)/python -m helpers.clean_notebook"; fi
	touch $(READY)
