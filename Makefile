# The commands of the project; the README says what runs where.
.PHONY: run build test bench lint deps fmt

# Debian's packages, listed once, in .ci/packages.
deps:
	@.ci/deps

run: deps build
	@exec target/debug/lecternd run --trial run

build:
	@cargo build --locked --quiet -p lecternd -p lecternctl

test: deps
	@.ci/test

bench: deps
	@.ci/bench

lint: deps
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items

fmt:
	cargo fmt --all
