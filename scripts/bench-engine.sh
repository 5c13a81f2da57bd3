#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the child process and its sandbox cost, as a share of ONNX Runtime alone on one core, measured
# in the same run: a small MLP and a transformer of the size of MiniLM, at batch 1 and 8.
#
#     scripts/bench-engine.sh [SECONDS]     for each way of each row; default 5
#
# Needs scripts/setup.sh to have been run.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in -h | --help) usage && exit ;; esac
seconds=${1:-5}
cargo build --release --locked -p jurat-engine --example throughput >&2

printf '| model | batch | ONNX Runtime alone, runs/s | executor | share | without sandbox |\n'
printf '| --- | ---: | ---: | ---: | ---: | ---: |\n'
for model in mlp transformer; do
	for batch in 1 8; do
		"$CARGO_TARGET_DIR/release/examples/throughput" "$model" --batch "$batch" --seconds "$seconds" |
			jq --raw-output --arg model "$model" --arg batch "$batch" '"| \($model) | \($batch) | " +
				"\(.raw_per_second) | \(.executor_per_second) | \(.executor_ratio) | \(.unsandboxed_ratio) |"'
	done
done
