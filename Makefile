# Everything runs from a virtual environment in .venv; what the machine lacks, .ci/prepare installs or names.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: demo test test-vm lint snapshots docs benchmark growth reach coverage clean

demo: .venv/run ## build, bring up, verify and take down the example labs, in namespaces of their own
	@for lab in bridge proxy-arp three-routers; do \
	  echo "== netc try examples/$$lab.net"; $(BIN)/netc try -v examples/$$lab.net || exit 1; echo; \
	done

test: lint ## lint, and run every test
	$(PYTEST) -n 3 --dist worksteal -m "not vm"

test-vm: .venv/dev ## run the kernel tests that this kernel lacks something for, on kernels that have it
	.ci/prepare $(PYTHON) vm
	$(PYTEST) -m vm tests/vm

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

snapshots: .venv/dev ## take the generated scripts as they are now for right: read the diff
	$(PYTEST) -q tests/test_snapshots.py --snapshot-update

docs: .venv/dev ## write the pages of docs/ that come from the code
	$(BIN)/python docs/generate.py

benchmark: .venv/dev
	$(BIN)/python benchmarks/run.py

growth: .venv/dev ## tell how check and reach grow from 100 to 1,000 and 5,000 namespaces; takes some minutes
	$(BIN)/python benchmarks/growth.py

reach: .venv/dev ## compare the forwarding model with the kernel over 2,500 random labs; takes an hour
	$(BIN)/python -m tests.reach.run 1 2500

coverage: .venv/dev
	$(BIN)/python -m coverage run -m pytest -q -m "not kernel and not faults"
	$(BIN)/python -m coverage report --skip-covered

clean:
	rm -rf .venv build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/run: pyproject.toml .ci/prepare
	.ci/prepare $(PYTHON)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: .venv/run
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
