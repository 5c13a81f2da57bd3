#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compares the polkadot-sdk versions of this workspace with those of one release.
#
#     scripts/check-sdk-versions.sh
#
# scripts/sdk-versions.txt lists the crates of the release (name, version). Cargo.toml must pin
# each of them that it names with `=` to just that version. Cargo.lock must hold one version of
# each, that one or, where only another crate asks for it, a later compatible patch.
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

exec python3 - <<'PYTHON'
import sys
import tomllib

release = {}
with open("scripts/sdk-versions.txt") as lines:
    for line in lines:
        if line.strip() and not line.startswith("#"):
            name, version = line.split()
            release[name] = version.strip('"')
with open("Cargo.toml", "rb") as file:
    dependencies = tomllib.load(file)["workspace"]["dependencies"]
with open("Cargo.lock", "rb") as file:
    locked = tomllib.load(file)["package"]


def later_patch(found, wanted):
    """Whether Cargo takes `found` where `^wanted` is asked for, and it is newer."""
    try:
        a, b = ([int(part) for part in version.split(".")] for version in (found, wanted))
    except ValueError:
        return False
    significant = next((i for i, part in enumerate(b) if part), 2) + 1
    return len(a) == len(b) and a[:significant] == b[:significant] and a > b


errors, notes, pinned, seen = [], [], set(), {}
for key, dependency in dependencies.items():
    table = {"version": dependency} if isinstance(dependency, str) else dependency
    name = table.get("package", key)
    if name not in release or "path" in table:
        continue
    pinned.add(name)
    if "git" in table:
        errors.append(f"Cargo.toml: {name} comes from git, not from the release")
    elif table.get("version") != "=" + release[name]:
        errors.append(f'Cargo.toml: {name} is "{table.get("version")}", not "={release[name]}"')

for package in locked:
    name, version = package["name"], package["version"]
    if name not in release or "source" not in package:
        continue
    if not package["source"].startswith("registry+"):
        errors.append(f"Cargo.lock: {name} {version} comes from {package['source']}")
    if name in seen:
        errors.append(f"Cargo.lock: {name} twice, {seen[name]} and {version}")
    seen[name] = version
    if version == release[name]:
        continue
    if name not in pinned and later_patch(version, release[name]):
        notes.append(f"Cargo.lock: {name} {version}, a later patch of {release[name]}")
    else:
        errors.append(f"Cargo.lock: {name} is {version}, not {release[name]}")

for name in sorted(pinned - seen.keys()):
    notes.append(f"Cargo.toml: {name} is pinned and nothing uses it")
for line in notes:
    print("note:", line)
for line in errors:
    print("error:", line)
print(f"{len(pinned)} crates pinned, {len(seen)} locked of {len(release)} in the release, {len(errors)} wrong")
sys.exit(bool(errors))
PYTHON
