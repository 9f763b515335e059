# The tasks of this repository; what each does is in xtask/.

.PHONY: build run test bench

# One static file: target/release/wharf
build:
	cargo xtask build

# A Wharf with the example application live, from nothing
run:
	cargo xtask run

# Everything: test bed, formatting, lints, tidy, tests, browser
test:
	cargo xtask test

# Figures beside those of peers, measured in the same run
bench:
	cargo xtask bench
