#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks and tests everything.
#
#     scripts/test.sh [section...]
#
#   lint   formatting, polkadot-sdk versions, shell scripts, clippy without a warning
#   unit   unit tests of every library, pallets and runtime with benchmarks and try-runtime
#   node   builds node, client and the Wasm runtime; tests of the node's programs
#   fuzz   each fuzz target for some seconds
#   e2e    end-to-end tests on real nodes (builds them first)
#
# Without a section: all of them, in this order. Each goes on when an earlier one failed. The last
# line counts tests and checks; the status is 0 only if none failed.
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
if ((${#sections[@]} == 0)); then sections=(lint unit node fuzz e2e); fi

FEATURES=jurat-runtime/runtime-benchmarks,jurat-runtime/try-runtime
# See NODE_PACKAGES in lib.sh. The bencher is built only to measure weights: it would switch the
# benchmarking host functions on in everything.
WORKSPACE=(--workspace --exclude jurat-bencher)

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

section_lint() {
	check 'Formatting' cargo fmt --all --check
	check 'Formatting, fuzz targets' cargo fmt --manifest-path fuzz/Cargo.toml --check
	check 'polkadot-sdk versions' scripts/check-sdk-versions.sh
	check 'Shell scripts' shell_scripts
	check 'Dashboard' python3 scripts/grafana.py --check
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

section_unit() {
	# --lib over the whole workspace: features are those of the node's build and these two, and
	# what only the node's program needs is not built.
	tests 'Unit tests' env SKIP_WASM_BUILD=1 cargo test --release --locked "${WORKSPACE[@]}" \
		--exclude jurat-tests --lib --features "$FEATURES" --no-fail-fast
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
		--bins ${names[@]+"${names[@]}"} --no-fail-fast
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

# What a command in the background said, and how it ended.
replay() { # FILE
	cat "$1"
	return "$(cat "$1.status")"
}

section_fuzz() {
	check 'Fuzz targets' scripts/fuzz.sh 5
}

section_e2e() {
	check 'Build' cargo build --release --locked
	check 'Build of the byzantine node' cargo build --release --locked "${NODE_PACKAGES[@]}" \
		"${BYZANTINE[@]}"
	# For the sample that goes through the chain.
	check 'ONNX backend tests, fetched' scripts/conformance.sh --fetch
	local name others=() log
	local run=(cargo test --release --locked "${NODE_PACKAGES[@]}" --no-fail-fast)
	while IFS= read -r name; do
		case $name in
		--test | panels | byzantine) ;;
		*) others+=(--test "$name") ;;
		esac
	done < <(integration_tests tests)
	# They wait for blocks most of the time, so that two networks at once get along. Only the one
	# that looks at how fast answers are has the machine to itself.
	tests 'End-to-end tests: panels' "${run[@]}" --test panels -- --test-threads=1
	log=$(mktemp "${TMPDIR:-/tmp}/jurat-test.XXXXXX")
	{
		local status=0
		"${run[@]}" --test byzantine -- --test-threads=1 >"$log" 2>&1 || status=$?
		echo "$status" >"$log.status"
	} &
	tests 'End-to-end tests' "${run[@]}" "${others[@]}" -- --test-threads=1
	wait
	tests 'End-to-end tests: byzantine validators' replay "$log"
	rm -f "$log" "$log.status"
}

for section in "${sections[@]}"; do
	declare -F "section_$section" >/dev/null || fail "no section $section; try --help"
done
"$ROOT/scripts/setup.sh"
for section in "${sections[@]}"; do
	begun=$SECONDS
	good=$passed bad=$failed
	"section_$section"
	summary+=("$(printf '%-5s %4d s, %d passed, %d failed' "$section" $((SECONDS - begun)) \
		$((passed - good)) $((failed - bad)))")
done

say "Summary"
printf '    %s\n' "${summary[@]}" >&2
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
