"""What a release says it is made of, held to CycloneDX's schema and to the lock files. Part of .ci/artifacts.

  judge.py crates SBOM METADATA VERSION      METADATA: what `cargo metadata` prints
  judge.py pages SBOM LOCK VERSION           LOCK: package-lock.json
  judge.py program LIST METADATA             LIST: what the program says of itself, by rust-audit-info
"""

import json
import sys
from pathlib import Path

# Cargo's name, and that of the program's own list, for what a program is linked with and what only builds it.
RUNTIME, BUILD = None, "build"


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def crates(metadata, kinds):
    """Names and versions of all that clinic is made of, on any machine."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    named = {package["id"]: (package["name"], package["version"]) for package in metadata["packages"]}
    left, seen = [metadata["resolve"]["root"]], set()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        left += [
            dependency["pkg"] for dependency in nodes[one]["deps"]
            if any(kind["kind"] in kinds for kind in dependency["dep_kinds"])
        ]
    return {named[one] for one in seen}


def packages(lock):
    """Names and versions of all that is installed to bundle the pages, but for what only checks them."""
    found = set()
    for path, package in lock["packages"].items():
        if path and not package.get("dev"):
            found.add((path.rpartition("node_modules/")[2], package["version"]))
    return found


def components(sbom):
    found, left = set(), list(sbom["components"])
    while left:
        one = left.pop()
        group = one.get("group")
        found.add((f"{group}/{one['name']}" if group else one["name"], one["version"]))
        left += one.get("components", [])
    return found


def has_all(what, wanted, found):
    missing = sorted(wanted - found)
    if missing:
        sys.exit(f"{what} names not all: {len(missing)} are missing, such as {' '.join(missing[0])}")
    print(f"   {what}: all {len(wanted)} are named")


def fits(path, sbom):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    version = SchemaVersion["V" + sbom["specVersion"].replace(".", "_")]
    error = JsonStrictValidator(version).validate_str(Path(path).read_text(encoding="utf-8"))
    if error:
        sys.exit(f"{path} does not fit CycloneDX {sbom['specVersion']}: {str(error).splitlines()[0]}")


def judge(what, path, source, version=None):
    if what == "program":
        found = {(one["name"], one["version"]) for one in read(path)["packages"]}
        extra = sorted(found - crates(read(source), (RUNTIME, BUILD)))
        # What other machines need is not in this program, and so its list is the shorter one.
        if extra:
            sys.exit(f"the program names what Cargo does not, such as {' '.join(extra[0])}")
        wanted = {"clinic", "migration", "axum", "rustls", "libsqlite3-sys"}
        if not wanted <= {name for name, _ in found}:
            sys.exit(f"the program names only {len(found)} crates")
        print(f"   the program itself: {len(found)} crates are named in it, all known to Cargo")
        return
    sbom = read(path)
    fits(path, sbom)
    if sbom["metadata"]["component"]["version"] != version:
        sys.exit(f"{path} is of version {sbom['metadata']['component']['version']}, and not of {version}")
    wanted = crates(read(source), (RUNTIME, BUILD)) if what == "crates" else packages(read(source))
    own = {("clinic", version)} if what == "crates" else set()
    has_all(path.rpartition("/")[2], wanted - own, components(sbom))


if __name__ == "__main__":
    judge(*sys.argv[1:])
