#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures the weights of Jurat's own pallets and writes pallets/*/src/weights.rs.
#
#     scripts/weights.sh [--quick] [--steps N] [--repeat N] [pallet...]
#
#   --quick    few samples: shows that the benchmarks run; do not keep what it writes
#   --steps    values of each parameter that are tried (default: 50)
#   --repeat   times that each is measured (default: 20)
#   pallet     pallet_models, pallet_attestation, pallet_inference, pallet_inference_rewards,
#              pallet_custody
#              (default: all)
#
# Run it on an idle machine of the kind that validators have. The runtime is built in a folder of
# its own: the node embeds the runtime of the other one, which must have no benchmarks in it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

steps=50 repeat=20 samples=()
pallets=()
while (($#)); do
	case $1 in
	--quick) steps=2 repeat=1 samples=(--min-duration 0) ;;
	--steps) steps=$2 && shift ;;
	--repeat) repeat=$2 && shift ;;
	-h | --help)
		usage
		exit
		;;
	-*) fail "unknown option $1; try --help" ;;
	*) pallets+=("$1") ;;
	esac
	shift
done
samples+=(--steps "$steps" --repeat "$repeat")
if ((${#pallets[@]} == 0)); then
	pallets=(pallet_models pallet_attestation pallet_inference pallet_inference_rewards pallet_custody)
fi

# The folder of a pallet: its name without what it has in common with others.
folder() {
	local name=${1#pallet_}
	printf 'pallets/%s/src\n' "${name#inference_}"
}

for pallet in "${pallets[@]}"; do
	[[ -d $(folder "$pallet") ]] || fail "no pallet $pallet"
done

say "Building the runtime with benchmarks"
cargo build --locked --release -p jurat-runtime --features runtime-benchmarks \
	--target-dir "$CARGO_TARGET_DIR-weights"
runtime=$CARGO_TARGET_DIR-weights/release/wbuild/jurat-runtime/jurat_runtime.wasm
[[ -f $runtime ]] || fail "no runtime at $runtime; is SKIP_WASM_BUILD set?"

say "Building the bencher"
cargo build --locked --release -p jurat-bencher

# Into another folder first: a benchmark that fails must not leave half a file.
work=$(mktemp -d "${TMPDIR:-/tmp}/jurat.XXXXXX")
trap 'rm -rf "$work"' EXIT
for pallet in "${pallets[@]}"; do
	output=$(folder "$pallet")/weights.rs
	say "Measuring $pallet"
	"$CARGO_TARGET_DIR/release/jurat-bencher" --runtime "$runtime" --genesis-builder runtime \
		--pallet "$pallet" --extrinsic '*' "${samples[@]}" --heap-pages 4096 \
		--wasm-execution compiled --no-storage-info --no-min-squares --no-median-slopes \
		--template scripts/weight-template.hbs --output "$work/$pallet.rs"
	mv "$work/$pallet.rs" "$output"
	note "$output"
done
