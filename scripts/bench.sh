#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what Jurat adds to running a model, as ratios within one run. A few minutes.
#
#     scripts/bench.sh [--seconds N] [--rounds N] [--requests N] [--flood N] [--shift N] [--json]
#
#   --seconds N    how long each throughput is measured in each round (default 2)
#   --rounds N     rounds; the table has the medians (default 3)
#   --requests N   requests whose settlement is measured (default 1000)
#   --flood N      invalid transactions that the node is flooded with (default 100000; 0: none)
#   --shift N      added to every port of the development chain
#   --json         print JSON instead of the table
#
# The baseline is ONNX Runtime called from Rust in one process on one thread, inputs converted once
# and outputs dropped. Against it, on one slot and the same input (a batch of one):
#
#   conversion   the same, with conversion of inputs and outputs
#   executor     jurat-engine's executor, which runs the model in a child process with limits
#   mailbox      the node's: off-chain database, dispatcher, blob store, executor
#   chain        answers settled by a development chain with one validator and panels of one, sent
#                in transactions of 250 requests; by request_batch, and by utility.batch_all
#
# Then a node of its own is flooded with transactions that it must refuse: how fast it refuses them,
# what that costs it by kind, and what becomes of honest requests meanwhile, against the same chain
# without a flood.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=2 rounds=3 requests=1000 flood=100000 shift_by=0 json=''
while (($#)); do
	case $1 in
	--seconds | --rounds | --requests | --flood | --shift)
		[[ ${2:-} =~ ^[0-9]+$ ]] || fail "$1 takes a number"
		case $1 in
		--seconds) seconds=$2 ;;
		--rounds) rounds=$2 ;;
		--requests) requests=$2 ;;
		--flood) flood=$2 ;;
		--shift) shift_by=$2 ;;
		esac
		shift
		;;
	--json) json=1 ;;
	-h | --help)
		usage
		exit
		;;
	*) fail "unknown option $1; try --help" ;;
	esac
	shift
done
((seconds && rounds && requests)) || fail "--seconds, --rounds and --requests: at least 1"

scripts/setup.sh
say "Building"
cargo build --release --locked "${NODE_PACKAGES[@]}" --bins --examples
examples=$CARGO_TARGET_DIR/release/examples

work=$(mktemp -d "${TMPDIR:-/tmp}/jurat.XXXXXX")
# shellcheck disable=SC2317
clean() { remove_unless_failed "$work"; }
on_exit clean
begin=$SECONDS

# --- inferences per second -----------------------------------------------------------------------

mkdir "$work/models"
cp scripts/models/digits.onnx scripts/models/digits-int8.onnx "$work/models/"
scripts/models/make.sh mlp "$work/models/mlp.onnx" --widths 784,2048,2048,10 >&2

# measured MODEL WHAT ROUND VALUE: one measurement, as a line of JSON.
measured() {
	jq --null-input --compact-output --arg model "$1" --arg what "$2" --argjson round "$3" \
		--argjson value "$4" '{$model, $what, $round, $value}' >>"$work/measured"
}

# Bounded: it measures for about as long as it is told.
limit=$((seconds * 20 + 60))
models=(digits digits-int8 mlp)
for ((round = 1; round <= rounds; round++)); do
	for model in "${models[@]}"; do
		say "Round $round of $rounds: $model"
		file=$work/models/$model.onnx
		direct=$(timeout "$limit" "$examples/throughput" "$file" --seconds "$seconds")
		executor=$(jq .executor_per_second <<<"$direct")
		# About as long as the others; the way through the database is at most some times slower.
		runs=$(awk -v rate="$executor" -v seconds="$seconds" \
			'BEGIN { printf "%d", rate * seconds / 3 + 256 }')
		mailbox=$(timeout "$limit" "$JURAT_NODE_BIN" inference-bench --model "$file" \
			--runs "$runs" --slots 1 --onnxruntime "$JURAT_ONNXRUNTIME")
		measured "$model" raw "$round" "$(jq .raw_per_second <<<"$direct")"
		measured "$model" conversion "$round" "$(jq .engine_per_second <<<"$direct")"
		measured "$model" executor "$round" "$executor"
		measured "$model" mailbox "$round" "$(jq .runs_per_second <<<"$mailbox")"
	done
done

# --- settled answers per second ------------------------------------------------------------------

say "Starting a development chain"
start "$work/network.log" scripts/local-network.sh --validators 1 --data "$work/chain" \
	--models "$work/models" --shift "$shift_by" --ready "$work/ready"
network=$LAST_PID
wait_for 120 "$network" "$work/network.log" "a chain that finalizes blocks" test -f "$work/ready"
# Bonds, publishes and serves the model itself, and prints how many answers were settled per second
# from the first block with a request to the last with a settlement.
failed=0
for mode in batch calls; do
	say "$requests requests, mode $mode"
	if settled=$(timeout 100 "$examples/settled_per_second" \
		--url "ws://127.0.0.1:$((9944 + shift_by))" --model scripts/models/digits-int8.onnx \
		--requests "$requests" --mode "$mode"); then
		measured digits-int8 "chain-$mode" 1 "$settled"
	else
		note "Not all of them were answered, or not in 100 s: this line is missing from the table."
		failed=1
	fi
done

# --- a flood -------------------------------------------------------------------------------------

echo null >"$work/flood"
if ((flood)); then
	say "A flood of $flood transactions"
	# At least some hundred are refused in a second.
	if ! timeout $((flood / 200 + 240)) "$examples/flood" --transactions "$flood" --json \
		>"$work/flood"; then
		note "The flood did not end well: it is missing from the table."
		echo null >"$work/flood"
		failed=1
	fi
fi

# --- the table -----------------------------------------------------------------------------------

cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
load=$(cut -d ' ' -f 1-3 /proc/loadavg)
jq --slurp --arg cpu "${cpu:-$(uname -m)}" --argjson cores "$(nproc)" --arg load "$load" \
	--arg version "$ONNXRUNTIME_VERSION" --argjson took $((SECONDS - begin)) \
	--argjson rounds "$rounds" --argjson seconds "$seconds" --argjson requests "$requests" \
	--slurpfile flood "$work/flood" '
	def median: sort | .[(length - 1) / 2 | floor];
	(map(select(.what == "raw")) | map({key: "\(.model) \(.round)", value: .value}) | from_entries)
		as $raw
	| (group_by(.model) | map({key: .[0].model, value: ([.[] | select(.what == "raw").value] | median)})
		| from_entries) as $typical
	| {
		machine: {$cpu, $cores, $load}, onnxruntime: $version, $rounds, $seconds, $requests, took: $took,
		flood: $flood[0],
		baseline: "raw ONNX Runtime, in-process, 1 thread",
		rows: (reduce .[] as $line ({}; .["\($line.model) \($line.what)"] += [$line])
			| [.[] | {
				model: .[0].model, what: .[0].what, per_second: (map(.value) | median),
				# Within a round where there are rounds: what else the machine does changes.
				ratio: (if (.[0].what | startswith("chain")) then .[0].value / $typical[.[0].model]
					else map(.value / $raw["\(.model) \(.round)"]) | median end),
			}]),
	}' "$work/measured" >"$work/report"

if [[ -n $json ]]; then
	cat "$work/report"
	exit "$failed"
fi
jq --raw-output '
	"Machine: \(.machine.cpu), \(.machine.cores) cores, load \(.machine.load); ONNX Runtime \(.onnxruntime).",
	"Medians of \(.rounds) rounds of \(.seconds) s; chain: one run of \(.requests) requests. \(.took) s in all."
	' "$work/report"
printf '\n| %-11s | %-46s | %12s | %8s |\n' model measured 'per second' ratio
printf '| --- | --- | ---: | ---: |\n'
jq --raw-output '
	{
		raw: "raw ONNX Runtime, in-process, 1 thread", conversion: "with conversion, in-process",
		executor: "executor, child process", mailbox: "executor, through the mailbox",
		"chain-batch": "settled answers, request_batch", "chain-calls": "settled answers, utility.batch_all",
	} as $names
	| .rows[] | [.model, $names[.what], .per_second, .ratio] | @tsv' "$work/report" |
	while IFS=$'\t' read -r model what value ratio; do
		printf '| %-11s | %-46s | %12.1f | %8.4f |\n' "$model" "$what" "$value" "$ratio"
	done
jq --raw-output '
	.flood | select(. != null) |
	"", "| garbage | refused | per second | CPU of the node, µs each |", "| --- | ---: | ---: | ---: |",
	(.kinds[] | "| \(.kind) | \(.refused) | \(.per_second | round) | \(.cpu_micros | round) |"),
	"", "| honest requests | without a flood | with one |", "| --- | ---: | ---: |",
	"| answered | \(.without.requests) | \(.with.requests) |",
	"| blocks to settlement, mean | \(.without.mean_blocks_to_settlement) | \(.with.mean_blocks_to_settlement) |",
	"| commitments by blocks after the draw | \(.without.commitments_by_blocks_after_the_draw) | \(.with.commitments_by_blocks_after_the_draw) |",
	"| longest time between two blocks, s | \(.without.longest_gap_seconds) | \(.with.longest_gap_seconds) |",
	"| missed slots | \(.without.missed_slots) | \(.with.missed_slots) |"' "$work/report"
printf '\nRatios are to "raw ONNX Runtime, in-process, 1 thread" of the same model and run.\n'
exit "$failed"
