# The tasks of this repository; what each does is in xtask/.

.PHONY: build run test bench linker

# Rust links with a C compiler: without one not even the tasks can be built, which install everything else.
linker:
	@command -v cc >/dev/null || { \
	  echo "Rust links with a C compiler, and this machine has none."; \
	  [ "$$(id -u)" = 0 ] || { echo "Install one, then try again: apt-get install gcc g++"; exit 1; }; \
	  echo "Installing from the distribution's packages: gcc g++"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc g++ libc6-dev >/dev/null; }

# One static file: target/release/wharf
build: linker
	cargo xtask build

# A Wharf with the example application live, from nothing
run: linker
	cargo xtask run

# Everything: test bed, formatting, lints, tidy, tests, browser
test: linker
	cargo xtask test

# Figures beside those of peers, measured in the same run
bench: linker
	cargo xtask bench
