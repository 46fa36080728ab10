# The two commands: `make run` tries the main job, `make test` runs every check.
# Both set up what they need below .venv; uv is brought along if it is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: run test lint types unit benchmark learn lock clean

run: $(STAMP)
	@$(BIN)/tingwen demo

test: lint types unit

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache

types: $(STAMP)
	$(BIN)/mypy

unit: $(STAMP)
	$(BIN)/pytest -n 2

benchmark: $(STAMP)
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.odk
	$(BIN)/python -m benchmarks.chat

SETS := tests/corpus/understanding
learn: $(STAMP)
	$(BIN)/tingwen learn --calibrate --out dialog/learned \
		$(foreach set,plain unseen1 unseen2 unseen3 unseen4 unseen5 unseen6,--unseen $(SETS)/$(set).tsv) \
		$(foreach set,dev own blind heard,--seen $(SETS)/$(set).tsv)

$(STAMP): requirements.lock pyproject.toml scripts/setup
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup
	@touch $(STAMP)

lock: $(STAMP)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --all-extras \
		--group dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
