# The chores of Genera, for people and for CI alike. `make help` lists them.

SHELL := /bin/bash
# SwiftPM keeps traits in sets. In another order they are other flags to the compiler, and everything is compiled anew.
export SWIFT_DETERMINISTIC_HASHING := 1
PREFIX ?= /usr/local
JOBS ?= 2
FAMILY ?= pfgmpp
SECONDS_EACH := $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),60)
SWIFT_BUILD := swift build -c release -j $(JOBS)
# Tests have a build folder of their own: SwiftPM compiles for them with other flags, and would otherwise rebuild all each time.
SWIFT_TEST := swift test -c release -j $(JOBS) --scratch-path .build-tests

.PHONY: help build engine system demo test test-fast golden bench lint format fuzz docs api install clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'
	@echo '  FAMILY=pfgmpp for golden, SECONDS=60 and READERS for fuzz, PREFIX=/usr/local for install, JOBS=2 for all that compiles'

system: ## Install the system packages that are missing, or say which
	@scripts/system-packages

engine: system ## Fetch LibTorch if need be and compile the engine against it
	@Sources/Engine/build.sh

build: engine ## Engine and release build; leaves .build/release/genera
	$(SWIFT_BUILD)
	@scripts/sdk .build/release

demo: build ## Draw samples of every family into demo/
	@scripts/demo

test: test-fast ## Formatting and all tests, the slow ones last
	GENERA_EXECUTABLE=$(CURDIR)/.build/release/genera $(SWIFT_TEST) --filter OutsideTests

test-fast: lint build ## Formatting and all tests but those that build packages outside the project
	GENERA_EXECUTABLE=$(CURDIR)/.build/release/genera $(SWIFT_TEST) --skip OutsideTests

golden: engine ## One family's golden cases, a line each (FAMILY=pfgmpp)
	@$(SWIFT_BUILD) --product golden >&2
	@.build/release/golden $(FAMILY)

fuzz: system ## Feed damaged files to every reader, or READERS="png spz" (SECONDS=60 for each)
	@scripts/fuzz $(READERS) $(SECONDS_EACH)

bench: build ## Speed, beside PyTorch where Python has it
	@Benchmarks/run

lint: ## Check the formatting
	swift format lint --strict --recursive --configuration .swift-format Package.swift Sources Plugins Tests

format: ## Format in place
	swift format --in-place --recursive --configuration .swift-format Package.swift Sources Plugins Tests

docs: ## The DocC archive, into .build/docs
	swift package --allow-writing-to-directory .build/docs generate-documentation --target Genera --output-path .build/docs

api: build ## The public declarations of each module with their signatures, into docs/api
	@scripts/public-api .build/release

install: build ## Install under PREFIX
	@scripts/install $(DESTDIR)$(PREFIX)

clean: ## Remove what was built (LibTorch stays in .deps)
	swift package clean
