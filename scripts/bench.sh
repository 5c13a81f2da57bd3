#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what Jurat adds to running a model, as ratios within one run.
#
#     scripts/bench.sh [--seconds N] [--requests N] [--shift N]
#
#   --seconds N    how long each throughput is measured (default 10)
#   --requests N   requests whose settlement is measured (default 1000)
#   --shift N      added to every port of the development chain
#
# 1. Inferences per second: ONNX Runtime called in this process (the baseline), against the
#    node's executor, which runs the model in a child process with limits. On digits.onnx, where
#    the overhead is all there is, and on a perceptron of 1.3 million weights.
# 2. Answers settled per second by a development chain, requests sent in batches, beside the
#    inferences per second of the executor.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=10 requests=1000 shift_by=0
while (($#)); do
	case $1 in
	--seconds | --requests | --shift)
		[[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 takes a number"
		case $1 in
		--seconds) seconds=$2 ;;
		--requests) requests=$2 ;;
		--shift) shift_by=$2 ;;
		esac
		shift
		;;
	-h | --help)
		usage
		exit
		;;
	*) fail "unknown option $1; try --help" ;;
	esac
	shift
done

scripts/setup.sh
say "Building"
cargo build --release --locked "${NODE_PACKAGES[@]}" --bins --examples
examples=$CARGO_TARGET_DIR/release/examples

work=$(mktemp -d "${TMPDIR:-/tmp}/jurat.XXXXXX")
# shellcheck disable=SC2317
clean() { remove_unless_failed "$work"; }
on_exit clean

# --- inferences per second -----------------------------------------------------------------------

mkdir "$work/models"
cp scripts/models/digits.onnx "$work/models/"
scripts/models/make.sh mlp "$work/mlp.onnx" >&2

# throughput MODEL raw|executor: inferences per second.
throughput() {
	"$examples/throughput" --onnxruntime "$JURAT_ONNXRUNTIME" --worker "$JURAT_NODE_BIN" \
		--seconds "$seconds" --mode "$2" "$1"
}

rows=()
row() { # NAME VALUE BASELINE
	rows+=("$(awk -v name="$1" -v value="$2" -v base="$3" \
		'BEGIN { printf "%-44s %12.1f %8.2f", name, value, value / base }')")
}

for model in "$work/models/digits.onnx" "$work/mlp.onnx"; do
	name=${model##*/}
	say "$name"
	raw=$(throughput "$model" raw)
	executor=$(throughput "$model" executor)
	row "$name: ONNX Runtime, inferences/s" "$raw" "$raw"
	row "$name: executor, inferences/s" "$executor" "$raw"
	if [[ $name == digits.onnx ]]; then digits=$executor; fi
done

# --- settled answers per second ------------------------------------------------------------------

say "Starting a development chain"
start "$work/network.log" scripts/local-network.sh --validators 1 --data "$work/chain" \
	--models "$work/models" --shift "$shift_by" --ready "$work/ready"
network=$LAST_PID
wait_for 300 "$network" "$work/network.log" "a chain that finalizes blocks" test -f "$work/ready"
url=ws://127.0.0.1:$((9944 + shift_by))
# Bonds, publishes and serves the model itself, sends the requests in batches, and prints how many
# were settled per second from the first block with a request to the last with a settlement.
settled=$("$examples/settled_per_second" --url "$url" --model scripts/models/digits.onnx \
	--requests "$requests")
row "digits.onnx: development chain, settled answers/s" "$settled" "$digits"

printf '\n%-44s %12s %8s\n' '' 'per second' 'ratio'
printf '%s\n' "${rows[@]}"
printf '\nRatios: executor to ONNX Runtime in process; settled answers to the executor.\n'
