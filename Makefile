# The front door. Each target installs what it needs first; see tools/ for what they do.
.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs bench fuzz clean

help: ## this list
	@sed -n 's/^\([a-z]*\): ## /  make \1\t/p' Makefile | expand -t 16

demo: ## install what is missing, build, run a published route: table, lomustine.h5, lomustine.png
	@tools/demo.sh

test: ## everything that must hold: C tests, the same under sanitizers, Python tests, lint
	@tools/test.sh

lint: ## form, suspicious code, types
	@tools/setup.sh test
	@tools/lint.sh

format: ## rewrite the sources in the house style
	@tools/setup.sh test
	@tools/lint.sh format

docs: ## the manual, in build/docs
	@tools/docs.sh

bench: ## speed beside hand-written programs and peers: a table, build/bench.json (KEEP=yes: docs/bench.json too)
	@tools/bench.sh

fuzz: ## the readers fed with anything, a minute each: executions and edges
	@tests/fuzz/run.sh

clean: ## remove what was built; .venv and the SUNDIALS in the cache stay
	rm -rf build
