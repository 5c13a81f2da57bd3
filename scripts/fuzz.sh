#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes what reads bytes from outside: each target of fuzz/ for some seconds.
#
#     scripts/fuzz.sh [SECONDS [TARGET...]]     10 seconds each, all targets
#     scripts/fuzz.sh seeds                     writes fuzz/corpus anew
#
# Starts from fuzz/corpus/TARGET, which is not changed; what is found on the way is kept in
# $JURAT_HOME/fuzz/TARGET and used again. Status 1, and the input's file named, if a target crashes,
# hangs for 10 seconds, or takes more than 1 GiB. `TARGET FILE` runs one input again:
#
#     $CARGO_TARGET_DIR/x86_64-unknown-linux-gnu/release/manifest FILE
#
# No nightly toolchain and no cargo-fuzz: the instrumentation is LLVM's own, asked for by options
# that a stable compiler takes, and libFuzzer comes with the crate libfuzzer-sys. There is no address
# sanitizer: unsafe code is forbidden in what is fuzzed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
-h | --help)
	usage
	exit
	;;
esac

seconds=${1:-10}
shift || true
targets=("$@")
if ((${#targets[@]} == 0)); then
	for file in fuzz/targets/*.rs; do
		name=$(basename "$file" .rs)
		if [[ $name != seeds ]]; then targets+=("$name"); fi
	done
fi

host=$(rustc -vV | sed -n 's/^host: //p')
# With --target, these are for the targets and what they use, not for build scripts and macros.
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-pc-table"
RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-trace-compares"
export RUSTFLAGS
say "Building the fuzz targets"
cargo build --release --locked --manifest-path fuzz/Cargo.toml --target "$host"
bin=$CARGO_TARGET_DIR/$host/release

if [[ $seconds == seeds ]]; then
	rm -rf fuzz/corpus
	"$bin/seeds" fuzz/corpus
	exit
fi
[[ $seconds =~ ^[0-9]+$ ]] || fail "not a number of seconds: $seconds; try --help"

failed=()
for target in "${targets[@]}"; do
	[[ -f fuzz/targets/$target.rs ]] || fail "no target $target in fuzz/targets"
	kept=$JURAT_HOME/fuzz/$target found=$JURAT_HOME/fuzz/found/
	mkdir -p "$kept" "$found"
	say "Fuzzing $target for $seconds s"
	"$bin/$target" "$kept" "fuzz/corpus/$target" -max_total_time="$seconds" -timeout=10 \
		-rss_limit_mb=1024 -max_len=65536 -artifact_prefix="$found" -print_final_stats=1 -verbosity=0 ||
		failed+=("$target")
done
if ((${#failed[@]} > 0)); then
	fail "found something: ${failed[*]}; the input is in $JURAT_HOME/fuzz/found"
fi
