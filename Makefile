# A thin layer over CMake and Ninja. `make help` lists what there is.

BUILD := build
PROGRAM := $(BUILD)/rfim
DEMO_DIR := $(BUILD)/demo
DEMO := $(PROGRAM) train --data digits --network "784-80-80-80-10 relu" --optimizer rngd \
	--epochs 5 --out $(DEMO_DIR) --overwrite
# On a terminal Ninja shows one line of progress; elsewhere only what goes wrong.
NINJA = ninja -C $(BUILD) $$([ -t 1 ] || echo --quiet)
BENCH := --net all --threads 1,2
.DEFAULT_GOAL := build

# Configures where nothing is configured yet; afterwards CMake looks after itself.
configure = cmake -S . -B $(BUILD) -G Ninja $(1) >$(BUILD)/configure.log 2>&1 || \
	{ cat $(BUILD)/configure.log >&2; exit 1; }

.PHONY: build demo test bench format lint fuzz install clean help products

build: ## build the command (build/rfim) and the libraries
	@scripts/setup.sh --check build
	@$(MAKE) --no-print-directory products

products:
	@mkdir -p $(BUILD)
	@[ -f $(BUILD)/build.ninja ] || { $(call configure,-DRFIM_BUILD_TESTS=OFF); }
	@$(NINJA) products

demo: ## set up, build, and train a network on the built-in digits
	@scripts/setup.sh build
	@echo "Building rfim"
	@$(MAKE) --no-print-directory products
	@echo "Training a network of three hidden layers on the built-in digit images, by relative"
	@echo "natural gradient descent:"
	@echo
	@echo '  $(DEMO)'
	@echo
	@$(DEMO)
	@echo
	@echo "$(DEMO_DIR)/curves.svg shows how it went; rfim help train tells what else there is."

# One test at a time: each uses all processors itself.
test: ## set up, build with the tests, and run them
	@scripts/setup.sh build test
	@mkdir -p $(BUILD)
	@$(call configure,-DRFIM_BUILD_TESTS=ON)
	@$(NINJA)
	@ctest --test-dir $(BUILD) --output-on-failure

# Seven minutes; the choice of BENCH="--net paper" takes one.
bench: ## build, and time training steps and kernels (BENCH: options of rfim bench)
	@scripts/setup.sh --check build
	@$(MAKE) --no-print-directory products
	@$(PROGRAM) bench $(BENCH)

format: ## lay out the sources as .clang-format says
	@find include src cli examples tests fuzz bench -name '*.[ch]' -o -name '*.cpp' | \
		xargs clang-format -i

lint: ## format, words, direction of includes, clang-tidy, cppcheck
	@scripts/setup.sh lint
	@scripts/lint.sh

fuzz: ## fuzz every format for a minute each
	@scripts/setup.sh fuzz
	@scripts/fuzz.sh 60

install: ## install into PREFIX (default /usr/local), DESTDIR respected
	@$(MAKE) --no-print-directory build
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

clean: ## remove what was built
	rm -rf $(BUILD) build-clang build-sanitize build-fuzz build-lint

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16
