#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs make_models.py with the Python packages that requirements.txt pins.
#
#     scripts/models/make.sh examples
#     scripts/models/make.sh mlp /tmp/mlp.onnx --widths 256,1024,1024,10
set -euo pipefail
here=$PWD
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

python=$(models_python)
# Paths in the arguments are relative to where the caller is.
cd "$here"
exec "$python" "$ROOT/scripts/models/make_models.py" "$@"
