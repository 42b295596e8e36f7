# The commands of the project; the README says what runs where.
.PHONY: run build test test-long test-power test-rabbitmq fuzz bench fleet deb test-install lint deps fmt

# Debian's packages, listed once, in .ci/packages.
deps:
	@.ci/deps

run:
	@.ci/deps run
	@$(MAKE) --no-print-directory build
	@exec target/debug/lecternd run --trial run

build:
	@cargo build --locked --quiet -p lecternd -p lecternctl

test: deps
	@.ci/test

# The same scenarios at full length: a platform that stops for 60 s, 100 starts,
# ten minutes of silence.
test-long: deps
	@LECTERN_LONG=1 .ci/test

# Hundreds of power cuts, kills and damaged files. Needs root, /dev/fuse and
# /dev/loop-control, as the short form in `make test` does.
test-power: deps
	@.ci/test-power

# The box at RabbitMQ, alone and as a cluster; installs it.
test-rabbitmq:
	@.ci/deps rabbitmq
	@.ci/test-rabbitmq

# Each fuzz target for LECTERN_FUZZ_SECONDS (60); not part of `make test`.
fuzz: deps
	@.ci/fuzz

bench: deps
	@.ci/bench

# 1000, 3000 and 10 000 boxes at one broker; needs root.
fleet: deps
	@.ci/fleet

# The Debian package, in target/debian.
deb: deps
	@.ci/deb

# That package on a fresh Debian in a container, from the answered question to the
# purge; needs root.
test-install: deps
	@.ci/deps install
	@.ci/test-install

lint: deps
	cargo fmt --all --check
	.ci/crates --check
	yocto-layer/test-slots
	cargo metadata --locked --format-version 1 --manifest-path tests/fuzz/Cargo.toml >/dev/null
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

fmt:
	cargo fmt --all
