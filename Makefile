# make run: set everything up and play the demo.   make test: set everything up and test it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/bash

# System libraries: PortAudio for sounddevice, libpulse for PulseAudio and PipeWire, libjpeg-turbo for PyTurboJPEG
# (simplejpeg is used where it is absent).
DEBIAN := libportaudio2 libpulse0 libturbojpeg0
BREW := portaudio jpeg-turbo
# Real parts that the tests use: two sound servers, OSC programs, a virtual screen, media tools, a song.
DEBIAN_TEST := pulseaudio pulseaudio-utils libasound2-plugins pipewire pipewire-pulse wireplumber liblo-tools nodejs npm xvfb ffmpeg imagemagick lua5.1 g++ libzmq3-dev frozen-bubble-data chromium iproute2 nftables

# One process more than cores, four at most: a test waits a third of its time for sockets and programs.
PROCESSES = $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores + 1 : 4)))

.PHONY: run setup test lint bench docs lock audit clean
.DEFAULT_GOAL := run

run: setup
	$(BIN)/bandwalk serve demo --show

setup: $(VENV)/.installed
	@.ci/system $(DEBIAN) -- $(BREW)

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade pip
	PYTHONWARNINGS=ignore $(BIN)/pip install -q -c constraints.txt -e ".[dev]"
	@touch $@

test: setup
	@.ci/system $(DEBIAN_TEST) --
	@.ci/test $(BIN)/pytest $(PROCESSES)

lint: setup
	$(BIN)/ruff check server clients tests benchmarks checks
	$(BIN)/ruff format --check server clients tests benchmarks checks
	$(BIN)/mypy

bench: setup
	@for script in benchmarks/end_to_end.py benchmarks/analyze.py benchmarks/builtin.py; do \
		echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: setup
	$(BIN)/python -m bandwalk.cli.docs protocol.md
	$(BIN)/bandwalk layout touchosc -o clients/tablet/bandwalk.tosc
	$(BIN)/bandwalk layout open-stage-control -o clients/tablet/bandwalk.json

# requirements.lock: the versions and hashes of what a server, a viewer and MIDI need on Linux, torch aside.
lock: setup
	$(BIN)/pip install -q pip-tools
	$(BIN)/python .ci/requirements > build.requirements.in
	grep -v "^torch" constraints.txt > build.constraints
	$(BIN)/pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-annotate --no-header --no-emit-index-url \
		--no-emit-trusted-host --no-emit-find-links --no-emit-options -c build.constraints -o build.lock build.requirements.in
	(echo "# What a server, a viewer and MIDI need on Linux, torch aside: make lock writes this file, make audit checks it."; \
		cat build.lock) > requirements.lock
	rm build.requirements.in build.constraints build.lock

# Compares the lock with known vulnerabilities; it asks the network, so no test does it.
audit: setup
	$(BIN)/pip install -q pip-audit
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
