#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the node tests of the ONNX backend suite through the executor, and ONNX Runtime alone beside
# it, and writes docs/conformance.md. Fails if the executor loses what ONNX Runtime passes.
#
#     scripts/conformance.sh [FILE]     default: docs/conformance.md
#     scripts/conformance.sh --fetch    only fetches the suite
#
# The suite is in the Python package onnx 1.22.0, the last one that has it as files. It is fetched
# once into $JURAT_HOME/conformance. Needs scripts/setup.sh to have been run.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in -h | --help) usage && exit ;; esac
out=${1:-$ROOT/docs/conformance.md}
folder=$JURAT_HOME/conformance
node_tests=$folder/onnx-1.22.0/onnx/backend/test/data/node

if [[ ! -d $node_tests ]]; then
	say "Fetching the suite into $folder"
	mkdir -p "$folder"
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
		--only-binary=:all: --platform manylinux_2_28_x86_64 --python-version 3.11 \
		--dest "$folder" --requirement "$ROOT/scripts/conformance.txt" >&2
	rm -rf "$folder/unpacked"
	python3 -m zipfile -e "$folder"/onnx-1.22.0-*.whl "$folder/unpacked"
	mv "$folder/unpacked" "$folder/onnx-1.22.0"
fi

if [[ ${1:-} == --fetch ]]; then exit; fi

cargo build --release --locked "${NODE_PACKAGES[@]}" --example conformance
report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
"$CARGO_TARGET_DIR/release/examples/conformance" "$node_tests" >"$report" || status=$?
# A report that is not whole is none.
grep -q '^# Conformance' "$report" || fail "no report"
cp "$report" "$out"
note "$out"
exit "$status"
