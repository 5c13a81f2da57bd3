#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prepares a Debian or Ubuntu machine to build, test and run Jurat.
#
#     scripts/setup.sh
#
# Installs what is missing of: system packages (with sudo unless you are root), the Rust toolchain
# of rust-toolchain.toml, and the ONNX Runtime library, which it checks by its SHA-256. Does
# nothing, fast, where all is there.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
'') ;;
-h | --help)
	usage
	exit
	;;
*) fail "unknown option $1; try --help" ;;
esac

PACKAGES=(
	build-essential ca-certificates clang cmake curl git jq libclang-dev pkg-config
	protobuf-compiler python3 python3-pip python3-venv unzip
)

system_packages() {
	if ! command -v dpkg-query >/dev/null; then
		local tool missing=()
		for tool in cc clang cmake curl git jq pkg-config protoc python3 unzip; do
			command -v "$tool" >/dev/null || missing+=("$tool")
		done
		((${#missing[@]} == 0)) ||
			fail "not a Debian or Ubuntu machine; install these yourself: ${missing[*]}"
		return
	fi
	local missing package installed
	installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' \
		"${PACKAGES[@]}" 2>/dev/null || true)
	missing=()
	for package in "${PACKAGES[@]}"; do
		grep -qx "installed $package" <<<"$installed" || missing+=("$package")
	done
	((${#missing[@]})) || return 0
	say "Installing system packages: ${missing[*]}"
	apt_install "${missing[@]}" || fail "could not install: ${missing[*]}"
}

apt_install() {
	local root=()
	if ((EUID != 0)); then
		command -v sudo >/dev/null || fail "run as root, or install sudo; needed: $*"
		root=(sudo)
	fi
	${root[@]+"${root[@]}"} apt-get update -qq
	${root[@]+"${root[@]}"} env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --yes --no-install-recommends "$@" >/dev/null
}

rust() {
	if ! command -v cargo >/dev/null; then
		if command -v apt-cache >/dev/null && apt-cache show rustup >/dev/null 2>&1; then
			say "Installing rustup"
			apt_install rustup
		else
			fail "Rust is missing: install rustup as rust-lang.org/tools/install says, then run this again"
		fi
	fi
	# Ask for the compiler itself: through rustup, this installs what rust-toolchain.toml names.
	local sysroot
	if ! sysroot=$(rustc --print sysroot 2>/dev/null); then
		say "Installing the Rust toolchain of rust-toolchain.toml"
		rustup toolchain install || fail "rustup could not install the toolchain"
		sysroot=$(rustc --print sysroot)
	fi
	[[ -d $sysroot/lib/rustlib/wasm32v1-none ]] && return
	command -v rustup >/dev/null ||
		fail "this Rust has no target wasm32v1-none, and there is no rustup to add it"
	say "Adding the Rust target wasm32v1-none"
	rustup target add wasm32v1-none
}

# A pip that can be used: the system's, or that of a small environment.
pip() {
	if python3 -m pip --version >/dev/null 2>&1; then
		python3 -m pip --disable-pip-version-check "$@"
	else
		[[ -x $JURAT_HOME/pip/bin/python ]] || python3 -m venv "$JURAT_HOME/pip"
		"$JURAT_HOME/pip/bin/python" -m pip --disable-pip-version-check "$@"
	fi
}

is_onnxruntime() { # FILE
	[[ -f $1 ]] && sha256sum --check --status <<<"$ONNXRUNTIME_SHA256  $1"
}

onnxruntime() {
	local machine work folder=$JURAT_HOME/onnxruntime
	local library=$folder/libonnxruntime.so.$ONNXRUNTIME_VERSION
	machine=$(uname -m)
	case $machine in
	x86_64) ONNXRUNTIME_SHA256=fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3 ;;
	aarch64 | arm64)
		machine=aarch64
		ONNXRUNTIME_SHA256=8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467
		;;
	*) fail "no ONNX Runtime library for $machine: a node here can validate but not serve models" ;;
	esac
	if [[ $JURAT_ONNXRUNTIME != "$library" ]]; then
		[[ -f $JURAT_ONNXRUNTIME ]] || fail "JURAT_ONNXRUNTIME names no file: $JURAT_ONNXRUNTIME"
		note "ONNX Runtime: $JURAT_ONNXRUNTIME (yours, not checked)"
		return
	fi
	# Its licence stays beside it.
	[[ -f $folder/LICENSE && -f $folder/ThirdPartyNotices.txt ]] && is_onnxruntime "$library" && return

	say "Downloading ONNX Runtime $ONNXRUNTIME_VERSION for $machine"
	mkdir -p "$folder"
	work=$(mktemp -d "$folder/download.XXXXXX")
	# Named here: the trap runs when the function's variables are gone.
	trap 'rm -rf "'"$work"'"' EXIT
	# The wheel of one fixed Python version, whatever this machine has: only the library counts.
	pip download --quiet --no-deps --only-binary=:all: --require-hashes \
		--platform "manylinux_2_28_$machine" --python-version 3.11 --implementation cp \
		--dest "$work" --requirement scripts/onnxruntime.txt ||
		fail "could not download ONNX Runtime with pip"
	unzip -qjo "$work"/onnxruntime-*.whl onnxruntime/LICENSE onnxruntime/ThirdPartyNotices.txt \
		"onnxruntime/capi/${library##*/}" -d "$work/files"
	is_onnxruntime "$work/files/${library##*/}" ||
		fail "the library in the wheel is not the one that is expected: nothing installed"
	mv -f "$work"/files/* "$folder/"
	ln -sfn "${library##*/}" "$folder/libonnxruntime.so"
	rm -rf "$work"
	trap - EXIT
}

system_packages
rust
onnxruntime
note "Ready: $(rustc --version), ONNX Runtime in ${JURAT_ONNXRUNTIME%/*}"
