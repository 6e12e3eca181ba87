# landplan: `make run` and `make test` do all the set-up they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
READY := $(VENV)/.ready

.PHONY: setup run test check soak bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "landplan needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m landplan.planning.warm_up
	@touch $@

run: setup
	@test -e $(OUT)/demo/town.toml || $(BIN)/landplan demo $(OUT)/demo
	@$(BIN)/landplan run $(OUT)/demo/town.toml $(OUT)/demo/assemble.toml --out $(OUT)/proposal
	@echo "Tables: $(OUT)/proposal/ledger.xlsx   Layers: $(OUT)/proposal/proposal.gpkg   Certificate: $(OUT)/proposal/proposal.json"

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not soak' -rs

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: setup
	$(BIN)/python -m pytest -m soak -rs

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
