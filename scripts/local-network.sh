#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a test network on 127.0.0.1 until Ctrl-C.
#
#     scripts/local-network.sh [options] [-- option of jurat-node...]
#
#   --validators N   1: the chain `dev`, Alice alone; 4: the chain `local`, Alice, Bob, Charlie
#                    and Dave (default 4)
#   --data DIR       databases and logs; kept, and taken up again if it is there
#                    (default: a temporary folder, removed at the end)
#   --models DIR     files in it go into each node's store
#   --shift N        added to every port
#   --ready FILE     made when the network finalizes blocks
#
# Validator number i, from 0: RPC on port 9944+i, peers on 30333+i, metrics on 9615+i.
# The node is $JURAT_NODE_BIN; `cargo build --release` makes it.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

validators=4 data='' models='' shift_by=0 ready='' extra=()
while (($#)); do
	case $1 in
	--validators | --data | --models | --shift | --ready)
		(($# > 1)) || fail "$1 takes a value"
		case $1 in
		--validators) validators=$2 ;;
		--data) data=$2 ;;
		--models) models=$2 ;;
		--shift) shift_by=$2 ;;
		--ready) ready=$2 ;;
		esac
		shift
		;;
	-h | --help)
		usage
		exit
		;;
	--)
		shift
		extra=("$@")
		break
		;;
	*) fail "unknown option $1; try --help" ;;
	esac
	shift
done
names=(alice bob charlie dave)
case $validators in
1) chain=dev ;;
4) chain=local ;;
*) fail "--validators: 1 or 4, which are the networks that come with the runtime" ;;
esac
[[ $shift_by =~ ^[0-9]+$ ]] || fail "--shift takes a number"
[[ -x $JURAT_NODE_BIN ]] || fail "no node at $JURAT_NODE_BIN: cargo build --release, or scripts/run.sh"
[[ -f $JURAT_ONNXRUNTIME ]] || fail "no ONNX Runtime at $JURAT_ONNXRUNTIME: scripts/setup.sh"

temporary=
# shellcheck disable=SC2317
clean() {
	if [[ -n $temporary ]]; then remove_unless_failed "$temporary"; fi
	if [[ -n $ready ]]; then rm -f "$ready"; fi
}
on_exit clean
if [[ -z $data ]]; then
	data=$(mktemp -d "${TMPDIR:-/tmp}/jurat.XXXXXX")
	temporary=$data
fi
mkdir -p "$data"

for ((i = 0; i < validators; i++)); do
	for base in 9944 30333 9615; do
		port_is_free $((base + shift_by + i)) ||
			fail "port $((base + shift_by + i)) is in use; --shift N takes others"
	done
done

boot=()
pids=()
for ((i = 0; i < validators; i++)); do
	name=${names[i]}
	options=(
		--chain "$chain" "--$name" --base-path "$data/$name"
		--rpc-port $((9944 + shift_by + i))
		--listen-addr "/ip4/127.0.0.1/tcp/$((30333 + shift_by + i))"
		--prometheus-port $((9615 + shift_by + i))
		# A key of its own that everyone knows, as the validators' keys are.
		--node-key "$(printf '%064x' $((i + 1)))"
		--no-telemetry --no-mdns --discover-local
		--onnxruntime "$JURAT_ONNXRUNTIME"
	)
	if [[ $chain == dev ]]; then options+=(--force-authoring); fi
	if [[ -n $models ]]; then options+=(--model-dir "$models"); fi
	start "$data/$name.log" "$JURAT_NODE_BIN" "${options[@]}" ${boot[@]+"${boot[@]}"} \
		${extra[@]+"${extra[@]}"}
	pids+=("$LAST_PID")
	if ((i == 0 && validators > 1)); then
		wait_for_rpc $((9944 + shift_by)) "$LAST_PID" "$data/$name.log"
		peer=$(rpc $((9944 + shift_by)) system_localPeerId | jq --raw-output .)
		boot=(--bootnodes "/ip4/127.0.0.1/tcp/$((30333 + shift_by))/p2p/$peer")
	fi
done
for ((i = 0; i < validators; i++)); do
	port=$((9944 + shift_by + i))
	wait_for_rpc "$port" "${pids[i]}" "$data/${names[i]}.log"
done
before=$(finalized $((9944 + shift_by)) || echo 0)
for ((i = 0; i < validators; i++)); do
	port=$((9944 + shift_by + i))
	wait_for 120 "${pids[i]}" "$data/${names[i]}.log" "a newly finalized block on port $port" \
		reached "$port" $((before + 1))
	note "${names[i]}: ws://127.0.0.1:$port, log $data/${names[i]}.log"
done
say "The network finalizes blocks"
if [[ -n $ready ]]; then touch "$ready"; fi

# Until one of them ends, or a signal.
status=0
wait -n || status=$?
for ((i = 0; i < validators; i++)); do
	if ! is_child "${pids[i]}"; then tail -n 20 "$data/${names[i]}.log" >&2; fi
done
fail "a node ended (status $status)"
