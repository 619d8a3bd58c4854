# The one entry point for people and CI. `make` or `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Programs that are fetched, not built here: Envoy, buf, the S3-compatible server.
TOOLS ?= $(HOME)/.cache/demeter/tools
ENVOY := $(TOOLS)/envoy-1.40.0/envoy
KUBECTL ?= $(TOOLS)/kubectl-1.37.1/kubectl
BUF := $(TOOLS)/buf-1.75.0/buf
DENY ?= $(TOOLS)/cargo-deny-0.20.2/cargo-deny
PORT_BASE ?=
DATA ?= data
UP_FLAGS := --data $(DATA) $(if $(PORT_BASE),--port-base $(PORT_BASE))

.PHONY: help run demo build test attack eval fuzz attack-sign-ins bench bench-infer cuda-build ci fmt fmt-check lint deny proto k8s-render docs render images clean tools

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build:
	@command -v cargo >/dev/null || { echo "cargo is not installed: see https://rustup.rs" >&2; exit 1; }
	@echo "building demeter (some minutes the first time) …" >&2
	cargo build --workspace --bin demeter

run: $(ENVOY) build ## Starts the whole system with a demo nursery (PORT_BASE=N moves its ports, DATA=folder its data)
	@exec $$(services/e2e/binary.sh) up --envoy $(ENVOY) $(UP_FLAGS)

demo: $(ENVOY) build ## Walks the main job on a photo and prints what came of it
	@exec $$(services/e2e/binary.sh) demo --envoy $(ENVOY)

test: $(ENVOY) ## Runs every test on SQLite, and on PostgreSQL, Redis and S3, which it installs and starts; lists what was skipped
	TOOLS=$(TOOLS) services/e2e/with-servers.sh services/e2e/run-tests.sh

attack: $(ENVOY) $(DENY) ## Attacks a fresh system on four processes as it once could be broken, and prints what comes of it (loopback only)
	TOOLS=$(TOOLS) services/e2e/with-servers.sh services/e2e/attack.sh $(DENY)

eval: ## Counts every set of pictures at hand whose plants are known, and says how well (DEMETER_DATA=folder of rendered sets)
	cargo build --profile release-fast --workspace --bin demeter
	mkdir -p -m 700 data
	$$(services/e2e/binary.sh release-fast) model evaluate --baseline --json data/evaluation.json $(EVAL)

# Parts of the attacks that take too long for `make test`.
FUZZ_SECONDS ?= 600

fuzz: ## Shows hostile identities to the gate for FUZZ_SECONDS; each is refused within 5 ms and 1 MB
	FUZZ_SECONDS=$(FUZZ_SECONDS) cargo test --profile release-fast -p demeter-identity --test it -- --ignored --nocapture fuzz_

attack-sign-ins: ## Signs in 10,000 times; the process stays within 50 MB of idle
	cargo test --workspace --lib -- --ignored --nocapture attack_

bench: ## Times merging and a count of the bundled photo; see docs/performance.md
	services/e2e/bench.sh

bench-infer: ## Times the network in turn with ONNX Runtime, OpenVINO and PyTorch, which it installs
	TOOLS=$(TOOLS) services/e2e/bench-infer.sh

cuda-build: ## Builds the model for NVIDIA GPUs, and its tests, without a GPU; fetches nvcc
	CUDA_TOOLS=$(TOOLS)/cuda libs/yolo/cuda/toolkit.sh cargo build -p demeter-yolo --features cuda
	CUDA_TOOLS=$(TOOLS)/cuda libs/yolo/cuda/toolkit.sh --no-gpu cargo test -p demeter-yolo --features cuda --test it -- --nocapture cuda

# What this machine could run is not skipped here.
ci: export DEMETER_SKIP_NOTHING = 1
ci: fmt-check proto deny k8s-render lint test ## Everything that has to pass before a change lands

fmt: ## Formats the code
	cargo fmt --all

fmt-check:
	cargo fmt --all --check

lint: ## Clippy and rustdoc without warnings
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --quiet

deny: $(DENY) ## Checks the crates that we build on: licences, sources, versions, published faults
	.ci/deny.sh $(DENY)

proto: $(BUF) ## Lints the protos
	$(BUF) lint
	$(BUF) format --diff --exit-code

k8s-render: $(KUBECTL) ## Renders every Kubernetes overlay
	@for overlay in k8s/overlays/*/; do $(KUBECTL) kustomize $$overlay >/dev/null; echo "rendered $$overlay"; done

docs: build ## Writes what is derived from the protos
	$$(services/e2e/binary.sh) docs --out docs

# Rendered training scenes: how many, from which number on, whose, and where to; data never lies in the clone.
N ?= 10
SEED ?= 1
PROFILE ?= train
SAMPLES ?= 4
OUT ?= $(HOME)/.cache/demeter/rendered/$(PROFILE)
RENDERER := $(HOME)/.cache/demeter/render-venv
SHARED ?= $(or $(DEMETER_SHARED),../shared)

render: $(RENDERER)/ready ## Renders N training scenes from number SEED into OUT (PROFILE=validation or blind); resumable
	cd libs/yolo/training && $(RENDERER)/bin/python -m render --count $(N) --seed $(SEED) --profile $(PROFILE) \
		--samples $(SAMPLES) --textures $(abspath $(SHARED))/photos/train --out $(abspath $(OUT))

$(RENDERER)/ready: libs/yolo/training/render/requirements.txt
	@command -v python3.11 >/dev/null || { echo "Blender 4.2 as a module needs python3.11" >&2; exit 1; }
	@echo "installing Blender as a Python module (0.5 GB, 1.4 GB unpacked) …" >&2
	python3.11 -m venv $(RENDERER)
	$(RENDERER)/bin/pip install --quiet --requirement $<
	touch $@

images: ## Builds the container image
	docker build --file compose/service.Dockerfile --tag demeter:dev .

clean: ## Removes what was built and the demo's data, not yours
	cargo clean
	rm -rf data/demo

tools: $(ENVOY) $(KUBECTL) $(BUF) $(DENY) ## Fetches the programs that are not built here

$(ENVOY):
	services/gateway/fetch-envoy.sh $(TOOLS)

$(KUBECTL):
	k8s/fetch-kubectl.sh $(TOOLS)

$(BUF):
	proto/fetch-buf.sh $(TOOLS)

$(DENY):
	.ci/fetch-deny.sh $(TOOLS)
