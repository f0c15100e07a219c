# Gantry. `make boot` opens the console on Pocket Rocket; `make test` runs every test.
#
# Needs Node 20 or newer and a C compiler that makes x86-64 code: gcc with binutils, or clang with lld and llvm.

BUILD := $(CURDIR)/build
TSX   := npx tsx

# --- tools: the first that can make x86-64 ELF, or one line that says what to install -----------------

found = $(shell command -v $(1) 2>/dev/null)

ifneq ($(origin CC),default)
  # what the user says
else ifneq ($(findstring x86_64,$(shell gcc -dumpmachine 2>/dev/null)),)
  CC := gcc
  LD := ld
  OBJCOPY := objcopy
else ifneq ($(call found,clang),)
  CC := clang --target=x86_64-unknown-none-elf
  LD := ld.lld
  OBJCOPY := $(or $(call found,llvm-objcopy),objcopy)
else
  CC :=
endif
OBJCOPY ?= objcopy
ifeq ($(origin LD),default)
  LD := ld
endif

# missing,COMMAND,HINT: stops with HINT where COMMAND is not there.
need = @command -v $(firstword $(1)) >/dev/null 2>&1 || { echo "$(1) is missing: $(2)" >&2; exit 1; }

PARTS := BUILD="$(BUILD)" CC="$(CC)" LD="$(LD)" OBJCOPY="$(OBJCOPY)" TSX="$(TSX)"

all: bundle

tools:
	$(call need,node,install Node.js 20 or newer (https://nodejs.org))
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("node " + process.version + " is too old: install Node.js 20 or newer"); process.exit(1) }'
	$(call need,npm,install npm (Debian: apt-get install npm))
	@test -n "$(CC)" || { echo "no C compiler for x86-64: install gcc (Debian: apt-get install gcc), or clang with lld and llvm" >&2; exit 1; }
	$(call need,$(LD),install binutils or lld (Debian: apt-get install binutils))
	$(call need,$(OBJCOPY),install binutils or llvm (Debian: apt-get install binutils))

# npm's own mark of what is installed, so that an unchanged lock file costs nothing.
node_modules/.package-lock.json: package-lock.json | tools
	npm ci --no-audit --no-fund
	@touch $@

packages: node_modules/.package-lock.json

processor: packages
	@$(TSX) src/build/main.ts processor

# The command's code is rehearsed on the ISO.
bundle: processor iso
	@$(TSX) src/build/main.ts bundle

firmware: packages tools
	@$(MAKE) --no-print-directory -C firmware/bios $(PARTS)
	@$(MAKE) --no-print-directory -C firmware/boot $(PARTS)
	@mkdir -p $(BUILD)
	@$(TSX) firmware/font/font.ts 8x16 bin $(BUILD)/font-8x16.bin

guest: packages tools
	@$(MAKE) --no-print-directory -C kernel $(PARTS)
	@$(MAKE) --no-print-directory -C modules $(PARTS)
	@$(MAKE) --no-print-directory -C kernel iso-tree $(PARTS)

iso: firmware guest
	@$(TSX) src/build/iso.ts $(BUILD)/iso-tree $(BUILD)/boot/eltorito.bin $(BUILD)/pocket-rocket.iso

boot: all
	@node build/gantry.mjs boot

test: all
	@npm test

# `npm run bench` needs the programs that it runs.
bench-programs: all
	@$(MAKE) --no-print-directory -C bench/programs $(PARTS)

bench: bench-programs
	@npm run --silent bench

clean:
	rm -rf $(BUILD)

.PHONY: all tools packages processor bundle firmware guest iso boot test bench-programs bench clean
