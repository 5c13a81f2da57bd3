#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Computes the tables and the plot of docs/security.md.
#
#     scripts/simulate.sh [option...]
#
#   --write         write them into docs/security.md and docs/security.svg
#   --check         fail if what is there is not what would be written
#   --seed NUMBER   seed of the dice
#   --samples N     panels sampled for each case
#
# Without --write and --check it prints the tables. `scripts/test.sh unit` checks, too.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
-h | --help)
	usage
	exit
	;;
esac

# The selection of `scripts/test.sh unit`, so that nothing is built twice.
SKIP_WASM_BUILD=1 cargo build --release --locked "${CHAIN_PACKAGES[@]}" \
	--features jurat-runtime/runtime-benchmarks,jurat-runtime/try-runtime --bin jurat-simulation
exec "$CARGO_TARGET_DIR/release/jurat-simulation" "$@"
