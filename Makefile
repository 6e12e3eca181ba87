# landplan: `make run` and `make test` do all the set-up they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
READY := $(VENV)/.ready

PORT ?= 8000
SET ?= short

.PHONY: setup browser run workspace test check soak bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "landplan needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m landplan.planning.warm_up
	@touch $@

# what the browser tests need beyond Python: installed where this may be done, said where not
browser:
	@command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi 'noto.*cjk' || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium and Chinese fonts for the browser tests"; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null || \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null; }; \
	else \
	  echo "The browser tests need chromium and a Chinese font, which only root may install: apt-get install chromium fonts-noto-cjk fontconfig"; exit 1; \
	fi

workspace: setup
	@test -e $(OUT)/demo/town.toml || $(BIN)/landplan demo $(OUT)/demo
	@test -e $(OUT)/workspace/.demo || { \
	  for request in $(OUT)/demo/assemble*.toml $(OUT)/demo/partition.toml $(OUT)/demo/exchange.toml; do \
	    $(BIN)/landplan run $(OUT)/demo/town.toml $$request --workspace $(OUT)/workspace || [ $$? = 3 ] || exit 1; \
	  done && touch $(OUT)/workspace/.demo; }

run: workspace
	@$(BIN)/python -m api --workspace $(OUT)/workspace --port $(PORT)

test: check browser
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not soak' -rs

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: setup
	$(BIN)/python -m pytest -m soak -rs

# SET=short (up to ten minutes), one (one site, an hour) or all (hours); peers beyond SciPy and SCIP: pip install -e '.[peers]'
bench: setup
	$(BIN)/python -m benchmarks --set $(SET) --out $(OUT)/benchmarks --page docs/benchmarks

clean:
	rm -rf $(VENV) $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
