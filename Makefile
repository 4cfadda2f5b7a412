# The verbs of the house. One line each; anything longer lives in scripts/.
PREFIX ?= /usr/local
SHELL := /bin/bash

.PHONY: build test test-root lint format golden bench fuzz demo install uninstall

build: ; @scripts/build
test: ; @scripts/test
test-root: ; @scripts/test --filter 'EndToEndTests|ContainerRuntimeTests|ContainerNetworkTests|SupervisorTests'
lint: ; @scripts/lint
format: ; @swift format -i --recursive --parallel Sources Tests Package.swift
golden: ; @BERTH_GOLDEN=rewrite scripts/test
bench: ; @scripts/bench
fuzz: ; @scripts/fuzz
demo: ; @scripts/demo
install: ; @PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/install
uninstall: ; @PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) scripts/uninstall
