.DEFAULT_GOAL := help
.PHONY: run build test test-scale race soak fuzz bench growth screenshots lint vulncheck sbom release fmt clean help

# No C compiler is needed to build; the tests use one for the race detector if it is there.
export CGO_ENABLED := 0
# What is built, tested and looked through is compiled the same way, and so once.
export GOFLAGS := $(strip $(GOFLAGS) -trimpath)

# A folder without git, or without a tag, still builds.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

GO      ?= go

# Not only the compiler has to be there, but the C library's headers too.
RACE = $(shell printf '\043include <stdlib.h>' | $$($(GO) env CC) -E - >/dev/null 2>&1 && echo -race)

# The race detector makes tests five times as long: it is for what many requests
# share, without the tests that ask one by one. Those run with all the others.
SHARED = ./api ./store

run: build ## Build, then serve on http://127.0.0.1:8080 (SCVOTES_ADDR); the last line tells the address
	@[ -n "$$DATABASE_URL" ] || scripts/need-postgres
	@exec bin/scvotes serve

build: ## Build bin/scvotes
	$(GO) build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)" -o bin/scvotes ./cmd/scvotes

test: ## Run go vet and all tests, on a private Postgres (or TEST_DATABASE_URL) and in Chromium
	@scripts/need-postgres
	@scripts/need-browser >/dev/null
	@scripts/need-clients >/dev/null || echo "The recipes of docs/clients.md are tested as far as their programs are there."
	$(GO) vet ./...
	$(if $(RACE),CGO_ENABLED=1 $(GO) test -race -short $(SHARED))
	$(GO) test ./...

race: ## Run all tests with the race detector, also those that make test runs without
	@scripts/need-postgres
	CGO_ENABLED=1 $(GO) test -race -timeout 30m ./...

test-scale: ## Run the tests with several machines: a failover, an upgrade and nginx, with real processes
	@scripts/need-postgres
	@scripts/need-scale
	$(GO) vet -tags scale ./cmd/scvotes
	$(GO) test -tags scale -count=1 -short -timeout 10m -run '^(TestScale|TestSiteOf)' ./cmd/scvotes

soak: ## Make faults happen, each many times: processes killed, a full disk, lines cut; SCVOTES_SEED makes one run again
	@scripts/need-postgres
	@scripts/need-scale
	SCVOTES_SOAK=1 $(GO) test -count=1 -timeout 40m -v -run '^(TestFault|TestAReleaseTwice)' ./store ./store/pglocal ./cmd/scvotes ./cmd/release

fuzz: ## Ask the API 10,000 things that its contract allows, nearly allows and forbids; then give every reader, writer and page inputs of chance, 20 s each
	@scripts/need-postgres
	SCVOTES_FUZZ=10000 $(GO) test -count=1 -timeout 30m -v -run '^TestAPIOnTheWholeRecord$$/^(fuzz|payloads)$$' ./cmd/scvotes
	SCVOTES_FUZZ=1 $(GO) test -count=1 -run '^TestVotesWithoutEnd$$' ./votes/source
	GO=$(GO) scripts/fuzz 20

bench: ## Measure: the load run beside Echo, pgbench and other programs, then the Go benchmarks
	@scripts/need-postgres
	$(GO) build -o bin/bench ./cmd/bench
	bin/bench -peers "$$(scripts/need-bench)"
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

growth: ## Measure every route and command on a record of 3,000, 30,000 and 300,000 votes
	@scripts/need-postgres
	$(GO) run ./cmd/growth

screenshots: ## Take a picture of every page, narrow and wide, light and dark, into bin/screenshots
	@scripts/need-postgres
	@scripts/need-browser >/dev/null
	$(GO) test ./cmd/scvotes -count=1 -run '^(TestScreenshots|TestTheEditorsPagesInABrowser)$$' -screenshots $(CURDIR)/bin/screenshots

lint: bin/tools/staticcheck ## Verify without changing anything: gofmt, go vet, staticcheck, go.mod and go.sum
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "run 'make fmt' for:" $$files >&2; exit 1; fi
	$(GO) vet ./...
	bin/tools/staticcheck -tags scale ./...
	$(GO) mod verify
	$(GO) mod tidy -diff

vulncheck: bin/tools/govulncheck build ## Look for known vulnerabilities in what is called and in bin/scvotes; needs the internet, and says so
	@scripts/vulncheck bin/tools/govulncheck bin/scvotes

SBOM ?= bin/scvotes.cdx.json

sbom: bin/tools/cyclonedx-gomod build ## Write what bin/scvotes is made of, CycloneDX, to SBOM (bin/scvotes.cdx.json)
	@scripts/sbom bin/tools/cyclonedx-gomod bin/scvotes "$(VERSION)" $(SBOM)

release: ## Build dist/: archives for Linux, macOS and Windows, twice and compared, with their sums and the SBOM
	rm -rf dist
	@$(MAKE) --no-print-directory sbom SBOM=dist/scvotes_$(VERSION).cdx.json
	$(GO) run ./cmd/release -version "$(VERSION)" -check
	@cat dist/SHA256SUMS

# The tools have a go.mod of their own, so that the program's stays lean.
TOOLS = bin/tools/staticcheck bin/tools/govulncheck bin/tools/cyclonedx-gomod
bin/tools/staticcheck: FROM = honnef.co/go/tools/cmd/staticcheck
bin/tools/govulncheck: FROM = golang.org/x/vuln/cmd/govulncheck
bin/tools/cyclonedx-gomod: FROM = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod
$(TOOLS): scripts/tools/go.mod scripts/tools/go.sum
	GOOS= GOARCH= $(GO) build -C scripts/tools -trimpath -o $(CURDIR)/$@ $(FROM)

fmt: ## Format the Go files
	gofmt -w .

clean: ## Remove what was built; the data folder stays
	rm -rf bin dist

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
