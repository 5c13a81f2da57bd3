#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Jurat, starts a network on this machine and has it classify handwritten digits.
#
#     scripts/run.sh [options]
#
#   --once           stop after the answers; status 0 only if all of them were right
#   --validators N   1: one node with a development chain (default); 4: a panel of three is drawn
#                    from four nodes
#   --keep-data      keep the chain in $JURAT_HOME/chains, and go on with it the next time
#   --shift N        added to every port
#
# Sets the machine up and builds first; on a fresh machine that takes a while, afterwards seconds.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

once='' validators=1 keep='' shift_by=0
while (($#)); do
	case $1 in
	--once) once=1 ;;
	--keep-data) keep=1 ;;
	--validators | --shift)
		(($# > 1)) || fail "$1 takes a value"
		if [[ $1 == --shift ]]; then shift_by=$2; else validators=$2; fi
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
[[ $validators == 1 || $validators == 4 ]] || fail "--validators: 1 or 4"
[[ $shift_by =~ ^[0-9]+$ ]] || fail "--shift takes a number"
accounts=(//Alice //Bob //Charlie //Dave)
panel=$((validators == 1 ? 1 : 3))
models=(digits digits-int8)

scripts/setup.sh
say "Building (CARGO_TARGET_DIR=$CARGO_TARGET_DIR)"
cargo build --release

# --- the network ---------------------------------------------------------------------------------

work=$(mktemp -d "${TMPDIR:-/tmp}/jurat.XXXXXX")
# shellcheck disable=SC2317
clean() { remove_unless_failed "$work"; }
on_exit clean
data=$work/chain
if [[ -n $keep ]]; then data=$JURAT_HOME/chains/validators-$validators; fi

say "Starting $validators validator(s)"
# Each node serves what it can run: it fetches the files from its peers, tries them, and announces
# them by itself.
start "$work/network.log" scripts/local-network.sh --validators "$validators" --data "$data" \
	--shift "$shift_by" --ready "$work/ready" -- --serve all
network=$LAST_PID
wait_for 300 "$network" "$work/network.log" "a network that finalizes blocks" test -f "$work/ready"
cat "$work/network.log" >&2

# --- the client ----------------------------------------------------------------------------------

# jurat NODE ARGUMENTS...: as the validator of that node, through that node.
jurat() {
	local i=$1
	shift
	"$JURAT_BIN" --url "ws://127.0.0.1:$((9944 + shift_by + i))" --key "${accounts[i]}" "$@"
}

# Does the step unless an earlier run did it: what a kept chain already has is no error.
unless() { # CHECK -- COMMAND...
	local check=()
	while [[ $1 != -- ]]; do
		check+=("$1")
		shift
	done
	shift
	if [[ -n $keep ]] && "${check[@]}" >/dev/null 2>&1; then return; fi
	"$@"
}

is_published() { jurat 0 --json model show "$1"; }
is_active() {
	jurat 0 --json model show "$1" | jq --exit-status 'any(.. | objects; .state? == "active")'
}
is_bonded() {
	jurat "$1" --json attester status |
		jq --exit-status 'any(.. | objects; (.bonded? // "0") != "0")'
}
say "Bonding and publishing: the first node is given the models, the others fetch them"
for ((i = 0; i < validators; i++)); do
	unless is_bonded "$i" -- jurat "$i" attester bond 1000
done
for model in "${models[@]}"; do
	unless is_published "$model" -- jurat 0 model publish "scripts/models/$model.onnx" --licence MIT
done
for model in "${models[@]}"; do
	wait_for 180 "$network" "$work/network.log" "$model to be active" is_active "$model"
done

# --- the questions -------------------------------------------------------------------------------

say "Asking (${panel} of $validators validator(s) answer each question)"
# The label, the outcome, how many of the panel agreed and their stake in JUR, one to a line.
read_settlement() {
	jq --raw-output '
		first(.. | objects | select(has("stake_behind")))
		| (first(.outputs[]? | select(.name == "label") | .data | flatten[0]) // "-"),
			(if .reason then "\(.outcome): \(.reason)" else .outcome end),
			"\(.agreement) of \(.panel | length)",
			(.stake_behind | tonumber / 1e12)'
}

# Accounts with money on a test network: each asks one question at a time.
askers=(//Alice //Bob //Charlie //Dave //Eve //Ferdie)

# ask NUMBER MODEL IMAGE: the settlement goes to a file. Whatever does not come back as an answer is
# a wrong one; the client says why.
ask() {
	"$JURAT_BIN" --url "ws://127.0.0.1:$((9944 + shift_by))" \
		--key "${askers[$1 % ${#askers[@]}]}" --json infer "$2" -i "image=@$3" --panel "$panel" \
		>"$work/settled-$1" 2>"$work/stages-$1" || tail -n 3 "$work/stages-$1" >&2
}

right=0 wrong=0
# answered NUMBER MODEL IMAGE: prints the answer and its settlement, and counts it.
answered() {
	local file=${3##*/} label settled answer
	label=$(jq --arg file "$file" '.[$file]' scripts/models/images/labels.json)
	mapfile -t settled < <(read_settlement <"$work/settled-$1")
	answer=${settled[0]:--}
	printf '%-12s %-13s %5s %6s  %-10s %6s  %s JUR\n' "$2" "$file" "$label" "$answer" \
		"${settled[1]:-failed}" "${settled[2]:--}" "${settled[3]:--}"
	if [[ $answer == "$label" ]]; then right=$((right + 1)); else wrong=$((wrong + 1)); fi
}

questions=()
for model in "${models[@]}"; do
	for image in scripts/models/images/digit-*.json; do questions+=("$model $image"); done
done
for ((first = 0; first < ${#questions[@]}; first += ${#askers[@]})); do
	group=()
	for ((n = first; n < first + ${#askers[@]} && n < ${#questions[@]}; n++)); do
		read -r model image <<<"${questions[n]}"
		ask "$n" "$model" "$image" &
		group+=("$!")
	done
	wait "${group[@]}"
	if ((first == 0)); then
		note 'The stages of the first request:'
		sed 's/^/    /' "$work/stages-0" >&2
		printf '%-12s %-13s %5s %6s  %-10s %6s  %s\n' \
			model image label answer settlement agreed 'stake behind it'
	fi
	for ((n = first; n < first + ${#askers[@]} && n < ${#questions[@]}; n++)); do
		read -r model image <<<"${questions[n]}"
		answered "$n" "$model" "$image"
	done
done
say "$right answers right, $wrong wrong"

if [[ -n $once ]]; then
	((wrong == 0))
	exit
fi

cat >&2 <<END

The network runs until Ctrl-C. Things to try, in another terminal:

    export PATH=$CARGO_TARGET_DIR/release:\$PATH
    jurat --url ws://127.0.0.1:$((9944 + shift_by)) model list
    jurat --url ws://127.0.0.1:$((9944 + shift_by)) model show digits
    jurat --url ws://127.0.0.1:$((9944 + shift_by)) --key //Ferdie infer digits \\
        -i image=@scripts/models/images/digit-7.json --panel $panel

A console for Substrate chains, such as polkadot.js or the PAPI console, connects to
ws://127.0.0.1:$((9944 + shift_by)). Logs: $data/*.log
END
wait "$network"
