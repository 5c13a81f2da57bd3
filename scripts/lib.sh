# shellcheck shell=bash
# Shared by the scripts of this folder, which source it. Settings, all of them optional:
#
#   JURAT_HOME         what the scripts keep between runs     $HOME/.cache/jurat
#   CARGO_TARGET_DIR   build output                           $JURAT_HOME/target
#   JURAT_ONNXRUNTIME  the ONNX Runtime library               $JURAT_HOME/onnxruntime/libonnxruntime.so.*
#   JURAT_NODE_BIN     the node                               $CARGO_TARGET_DIR/release/jurat-node
#   JURAT_BIN          the client                             $CARGO_TARGET_DIR/release/jurat

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit

ONNXRUNTIME_VERSION=1.31.1
: "${JURAT_HOME:=$HOME/.cache/jurat}"
: "${CARGO_TARGET_DIR:=$JURAT_HOME/target}"
: "${JURAT_ONNXRUNTIME:=$JURAT_HOME/onnxruntime/libonnxruntime.so.$ONNXRUNTIME_VERSION}"
: "${JURAT_NODE_BIN:=$CARGO_TARGET_DIR/release/jurat-node}"
: "${JURAT_BIN:=$CARGO_TARGET_DIR/release/jurat}"
# The official builds of ONNX Runtime report usage unless this is set before they load.
ORT_DISABLE_TELEMETRY=1
export JURAT_HOME CARGO_TARGET_DIR JURAT_ONNXRUNTIME JURAT_NODE_BIN JURAT_BIN ORT_DISABLE_TELEMETRY

# A fresh rustup is not on the path of the shell that installed it.
if ! command -v cargo >/dev/null && [[ -x $HOME/.cargo/bin/cargo ]]; then
	PATH=$HOME/.cargo/bin:$PATH
fi

# The crates that run outside the chain. Cargo gives shared dependencies the features that the
# selected packages ask for, together: the same selection in every command means one build of a
# thousand crates, not one for each command. A plain `cargo build --release` gives the same.
# shellcheck disable=SC2034
NODE_PACKAGES=(
	-p jurat-node -p jurat-cli -p jurat-engine -p jurat-exchange -p jurat-onnx -p jurat-store
	-p jurat-tests
)
# The crates that run in the chain, and a simulation that uses their rules: the selection of their
# tests, and of all that has their features.
# shellcheck disable=SC2034
CHAIN_PACKAGES=(
	-p jurat-primitives -p jurat-runtime-api -p pallet-attestation -p pallet-custody
	-p pallet-inference -p pallet-inference-rewards -p pallet-models -p jurat-runtime
	-p jurat-simulation
)
# The validator that misbehaves, for tests. The feature is one of the node's own crate: with the
# same packages, nothing else is built anew.
# shellcheck disable=SC2034
BYZANTINE=(--features jurat-node/byzantine --bin jurat-byzantine-node)

# --- messages ------------------------------------------------------------------------------------

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
	BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
	BOLD='' RED='' PLAIN=''
fi

say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
fail() {
	printf '%serror:%s %s\n' "$RED" "$PLAIN" "$*" >&2
	exit 1
}

# The comment at the top of the calling script is its help.
usage() {
	sed -n '2,/^[^#]/ { /^# \{0,1\}/ { s/^# \{0,1\}//; /^SPDX/d; p } }' "$0"
}

# --- processes -----------------------------------------------------------------------------------

CHILDREN=()
LAST_PID=

# start LOG COMMAND...: runs a command in the background. It ends when the script does.
start() {
	local log=$1
	shift
	"$@" >"$log" 2>&1 &
	LAST_PID=$!
	CHILDREN+=("$LAST_PID")
}

# Whether this process is there and was started by this script; a number may have found a new owner.
is_child() {
	local parent
	parent=$(awk '/^PPid:/ { print $2 }' "/proc/$1/status" 2>/dev/null) || return 1
	[[ $parent == "$$" ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

# Ends what `start` started, and nothing else.
stop_children() {
	local pid waited
	trap '' INT TERM
	for pid in ${CHILDREN[@]+"${CHILDREN[@]}"}; do
		if is_child "$pid"; then kill -TERM "$pid" 2>/dev/null || true; fi
	done
	for pid in ${CHILDREN[@]+"${CHILDREN[@]}"}; do
		for ((waited = 0; waited < 200; waited++)); do
			is_child "$pid" || break
			sleep 0.1
		done
		if is_child "$pid"; then kill -KILL "$pid" 2>/dev/null || true; fi
		wait "$pid" 2>/dev/null || true
	done
	CHILDREN=()
}

# on_exit [COMMAND]: at the end, however it comes, ends the children and then runs the command.
on_exit() {
	EXIT_COMMAND=${1:-}
	# shellcheck disable=SC2154
	trap 'status=$?; stop_children; ${EXIT_COMMAND:+"$EXIT_COMMAND"}; exit "$status"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# For on_exit: a temporary folder goes, unless an error has to be looked into. A signal is none.
remove_unless_failed() {
	if ((status == 0 || status > 128)); then
		rm -rf "$1"
	else
		note "Kept for you to look into: $1"
	fi
}

# --- nodes ---------------------------------------------------------------------------------------

# rpc PORT METHOD [PARAMS]: the result, as JSON.
rpc() {
	local answer
	answer=$(curl --silent --show-error --fail --max-time 5 \
		--header 'Content-Type: application/json' \
		--data "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"$2\",\"params\":${3:-[]}}" \
		"http://127.0.0.1:$1" 2>/dev/null) || return 1
	jq --exit-status --compact-output '.result' <<<"$answer"
}

# finalized PORT: number of the last finalized block.
finalized() {
	local hash number
	hash=$(rpc "$1" chain_getFinalizedHead) || return 1
	number=$(rpc "$1" chain_getHeader "[$hash]" | jq --raw-output .number) || return 1
	printf '%d\n' "$number"
}

port_is_free() {
	! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# wait_for SECONDS PID LOG WHAT COMMAND...: until the command succeeds, as long as the process lives.
wait_for() {
	local seconds=$1 pid=$2 log=$3 what=$4 until
	shift 4
	until=$((SECONDS + seconds))
	until "$@" >/dev/null 2>&1; do
		if ! is_child "$pid"; then
			tail -n 20 "$log" >&2 || true
			fail "the process ended while it was waited for: $what (log: $log)"
		fi
		if ((SECONDS >= until)); then
			tail -n 20 "$log" >&2 || true
			fail "not within $seconds s: $what (log: $log)"
		fi
		sleep 0.3
	done
}

wait_for_rpc() { # PORT PID LOG
	wait_for 90 "$2" "$3" "RPC server on port $1" rpc "$1" system_health
}

reached() { # PORT NUMBER
	(($(finalized "$1" || echo 0) >= $2))
}

# --- Python --------------------------------------------------------------------------------------

# Prints the interpreter of a virtual environment that has what scripts/models/requirements.txt says.
models_python() {
	local venv=$JURAT_HOME/venv wanted=$ROOT/scripts/models/requirements.txt
	if ! cmp -s "$wanted" "$venv/requirements.txt"; then
		say "Installing the Python packages of scripts/models into $venv"
		python3 -m venv "$venv"
		"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" >&2
		cp "$wanted" "$venv/requirements.txt"
	fi
	printf '%s\n' "$venv/bin/python"
}
