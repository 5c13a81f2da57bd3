#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks and tests everything.
#
#     scripts/test.sh [section...]
#
#   style   formatting, polkadot-sdk versions, shell scripts, the dashboard
#   node    builds node, client and the Wasm runtime; tests of everything outside the chain
#   e2e     end-to-end tests on real nodes (builds them first)
#   clippy  clippy without a warning, and that the node cannot be built to misbehave
#   unit    unit tests of pallets and runtime, with benchmarks and try-runtime
#   fuzz    each fuzz target for some seconds
#
# Without a section: all of them, in this order. Each goes on when an earlier one failed. End-to-end
# tests wait for blocks most of the time: the sections after them run beside them, at the lowest
# priority. The last line counts tests and checks; the status is 0 only if none failed.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
-h | --help)
	usage
	exit
	;;
esac
sections=("$@")
if ((${#sections[@]} == 0)); then sections=(style node e2e clippy unit fuzz); fi

FEATURES=jurat-runtime/runtime-benchmarks,jurat-runtime/try-runtime
# See NODE_PACKAGES in lib.sh. The bencher is built only to measure weights: it would switch the
# benchmarking host functions on in everything.
WORKSPACE=(--workspace --exclude jurat-bencher)
# Networks of nodes at a time.
NETWORKS=3

passed=0 failed=0 summary=()

# check NAME COMMAND...: counts as one.
check() {
	local name=$1
	shift
	say "$name"
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		summary+=("FAILED: $name")
	fi
}

# tests NAME COMMAND...: counts what the test harness counts. One that fails without a failed
# test, because it does not compile for example, counts as one.
tests() {
	local name=$1 log status=0 good bad
	shift
	say "$name"
	log=$(mktemp "${TMPDIR:-/tmp}/jurat-test.XXXXXX")
	"$@" 2>&1 | tee "$log" || status=$?
	good=$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")
	bad=$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")
	rm -f "$log"
	if ((status != 0 && bad == 0)); then bad=1; fi
	passed=$((passed + good))
	failed=$((failed + bad))
	if ((status != 0)); then summary+=("FAILED: $name"); fi
	return 0
}

# Names of the integration tests of a crate, as cargo's options. Selected by name, so that cargo
# resolves features for all the packages named and yet runs no other tests.
integration_tests() { # FOLDER...
	local folder file name
	for folder in "$@"; do
		for file in "$folder"/tests/*.rs "$folder"/tests/*/main.rs; do
			[[ -f $file ]] || continue
			name=${file#"$folder"/tests/}
			name=${name%/main.rs}
			printf -- '--test\n%s\n' "${name%.rs}"
		done
	done
}

shell_scripts() {
	local file
	while IFS= read -r file; do bash -n "$file" || return 1; done < <(shell_files)
	command -v shellcheck >/dev/null || {
		note "shellcheck is not installed: syntax only"
		return 0
	}
	shell_files | xargs shellcheck -x
}
shell_files() { printf '%s\n' scripts/*.sh scripts/models/*.sh .ci/run; }

section_style() {
	check 'Formatting' cargo fmt --all --check
	check 'Formatting, fuzz targets' cargo fmt --manifest-path fuzz/Cargo.toml --check
	check 'polkadot-sdk versions' scripts/check-sdk-versions.sh
	check 'Shell scripts' shell_scripts
	check 'Dashboard' python3 scripts/grafana.py --check
}

section_clippy() {
	check 'Clippy' env SKIP_WASM_BUILD=1 cargo clippy --release --locked "${WORKSPACE[@]}" \
		--all-targets --features "$FEATURES" -- -D warnings
	# Once more for what differs in the byzantine node: its program and all tests.
	check 'Clippy, byzantine node' clippy_byzantine jurat-byzantine-node --tests
	check 'The node is never byzantine' refuses_to_misbehave
}

clippy_byzantine() { # BINARY [OPTION...]
	SKIP_WASM_BUILD=1 cargo clippy --release --locked "${WORKSPACE[@]}" \
		--features "$FEATURES,jurat-node/byzantine" --bin "$@" -- -D warnings
}

# What is released cannot be built so that it misbehaves.
refuses_to_misbehave() {
	local refusal
	if refusal=$(clippy_byzantine jurat-node 2>&1); then
		note "jurat-node compiles with the feature 'byzantine'"
		return 1
	fi
	grep -q 'jurat-node is never built with the feature' <<<"$refusal" || {
		printf '%s\n' "$refusal" >&2
		return 1
	}
}

# What runs in the chain, and with it: built with other features than the node.
section_unit() {
	tests 'Unit tests of the chain' env SKIP_WASM_BUILD=1 cargo test --release --locked \
		"${CHAIN_PACKAGES[@]}" --lib --features "$FEATURES" --no-fail-fast
}

# Nor does it know how.
knows_no_misbehaviour() {
	local help
	help=$("$JURAT_NODE_BIN" --help) && [[ $help != *misbehave* ]]
}

section_node() {
	check 'Build' cargo build --release --locked
	check 'No misbehaviour in the node' knows_no_misbehaviour
	local names
	mapfile -t names < <(integration_tests node node/*/)
	tests 'Tests of the node' cargo test --release --locked "${NODE_PACKAGES[@]}" \
		--lib --bins ${names[@]+"${names[@]}"} --no-fail-fast
	tests 'Tests of the byzantine node' cargo test --release --locked "${NODE_PACKAGES[@]}" \
		"${BYZANTINE[@]}" --no-fail-fast -- byzantine::
	check 'ONNX backend tests' conformance
}

# docs/conformance.md is of one machine; here it counts that nothing is lost.
conformance() {
	local report status=0
	report=$(mktemp "${TMPDIR:-/tmp}/jurat-test.XXXXXX")
	scripts/conformance.sh "$report" || status=$?
	rm -f "$report"
	return "$status"
}

section_fuzz() {
	check 'Fuzz targets' scripts/fuzz.sh 5
}

# Names and programs of all end-to-end tests, built.
end_to_end_programs() {
	local names
	mapfile -t names < <(integration_tests tests)
	cargo test --release --locked "${NODE_PACKAGES[@]}" "${names[@]}" --no-run \
		--message-format=json-render-diagnostics |
		jq -r 'select(.executable != null and .target.kind == ["test"]) |
			"\(.target.name) \(.executable)"'
}

# Runs one, as cargo would, but without the lock that a build beside it holds.
end_to_end() { # NAME
	(cd tests && "$E2E/program/$1" --test-threads=1)
}

# What one in the background said, and how it ended.
replay() { # NAME
	cat "$E2E/$1.log"
	return "$(cat "$E2E/$1.status" 2>/dev/null || echo 1)"
}

section_e2e() {
	check 'Build' cargo build --release --locked
	check 'Build of the byzantine node' cargo build --release --locked "${NODE_PACKAGES[@]}" \
		"${BYZANTINE[@]}"
	# For the sample that goes through the chain.
	check 'ONNX backend tests, fetched' scripts/conformance.sh --fetch
	say 'Build of the end-to-end tests'
	E2E=$(mktemp -d "${TMPDIR:-/tmp}/jurat-e2e.XXXXXX")
	mkdir "$E2E/program"
	local name program
	while read -r name program; do
		ln -s "$program" "$E2E/program/$name"
		case $name in
		panels) ;;
		# By far the longest: first, so that it is not last.
		byzantine) E2E_NAMES=("$name" ${E2E_NAMES[@]+"${E2E_NAMES[@]}"}) ;;
		*) E2E_NAMES+=("$name") ;;
		esac
	done < <(end_to_end_programs)
	check 'End-to-end tests, built' test -e "$E2E/program/panels"
	[[ -e $E2E/program/panels ]] || return 0
	# It looks at how fast answers are, and has the machine to itself.
	tests 'End-to-end tests: panels' end_to_end panels
	printf '%s\n' "${E2E_NAMES[@]}" >"$E2E/names"
	# A process group of its own, so that all of it can be ended.
	# shellcheck disable=SC2016 # The inner shell expands it.
	(cd tests && exec setsid xargs -a "$E2E/names" -P "$NETWORKS" -I NAME bash -c '
		status=0
		"$1/program/NAME" --test-threads=1 >"$1/NAME.log" 2>&1 || status=$?
		echo "$status" >"$1/NAME.status"
	' - "$E2E") &
	E2E_PID=$!
}

finish_e2e() {
	wait "$E2E_PID" || true
	E2E_PID=
	local name
	for name in "${E2E_NAMES[@]}"; do
		tests "End-to-end tests: $name" replay "$name"
	done
	rm -rf "$E2E"
}

E2E='' E2E_PID='' E2E_NAMES=()
# Nodes end with the test that started them.
trap 'if [[ -n $E2E_PID ]]; then kill -- "-$E2E_PID" 2>/dev/null || true; fi' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# timed NAME COMMAND
timed() {
	local begun=$SECONDS good=$passed bad=$failed
	"$2"
	summary+=("$(printf '%-6s %4d s, %d passed, %d failed' "$1" $((SECONDS - begun)) \
		$((passed - good)) $((failed - bad)))")
}

for section in "${sections[@]}"; do
	declare -F "section_$section" >/dev/null || fail "no section $section; try --help"
done
"$ROOT/scripts/setup.sh"
for section in "${sections[@]}"; do
	timed "$section" "section_$section"
	if [[ -n $E2E_PID ]]; then renice -n 19 -p "$$" >/dev/null; fi
done
if [[ -n $E2E_PID ]]; then timed 'e2e' finish_e2e; fi

say "Summary"
printf '    %s\n' "${summary[@]}" >&2
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
