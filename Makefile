# Each target prepares what it needs; `make run` and `make test` work on a fresh Debian 12 with Python 3.11.
export PORT ?= 8000
export FANGXIN_HOME ?= var

.PHONY: run test check bench screenshots lock clean
.DEFAULT_GOAL := run

run: ## serve on http://127.0.0.1:$(PORT), with demonstration data unless FANGXIN_DEMO=0
	@scripts/prepare run
	@FANGXIN_DEMO=$${FANGXIN_DEMO:-1} setpriv --pdeathsig TERM .venv/bin/fangxin serve

test: ## everything that must be true before a change is taken
	@scripts/prepare test
	@setpriv --pdeathsig TERM .venv/bin/python scripts/verify.py lint tests

check: ## lint, types, import contracts, templates
	@scripts/prepare test
	@setpriv --pdeathsig TERM .venv/bin/python scripts/verify.py lint

bench: ## what it costs, against a floor measured in the same run
	@scripts/prepare test
	@setpriv --pdeathsig TERM .venv/bin/python -m benchmarks

screenshots: ## docs/screens/: the main screens of a throw-away platform with demonstration data
	@scripts/prepare test
	@setpriv --pdeathsig TERM .venv/bin/python scripts/screenshots.py

lock: ## resolve pyproject.toml into requirements/*.txt
	@scripts/prepare test
	@scripts/lock

clean: ## remove what was built; the data in $(FANGXIN_HOME) stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
