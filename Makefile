# Everything here is a script of scripts/; this file only names them.
.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-stripe sim soak format clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: ## Build, start tollgate with a Stripe sandbox and demo tenants, show it at work
	@scripts/run.sh

test: ## Run all tests
	@scripts/test.sh

check: ## What continuous integration runs: format, shellcheck, all tests
	@scripts/check.sh

bench: ## Measure the cost of a decision (about a quarter of an hour)
	@scripts/bench.sh

bench-stripe: ## Measure sending to Stripe, against the sandbox (about a quarter of an hour)
	@scripts/bench.sh stripe

sim: ## Simulate the lease protocol: SEEDS=100000 for many histories, SEED=7 to replay one
	@scripts/sim.sh

soak: ## Kill sidecars and Redis for 300 rounds, of which 200 are billed; scripts/soak.sh says how to replay one
	@scripts/soak.sh

format: ## Format the Swift sources
	@scripts/format.sh

clean: ## Remove what was built, and ./var
	@scripts/clean.sh
