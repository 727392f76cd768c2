#!/usr/bin/env bash
# Copies a bundle from a store to a directory, an archive, a registry and back with skopeo, and prints
# the digest of its manifest in each of the five places.
# usage: round-trip.sh STORE NAME DIRECTORY
set -euo pipefail
store=$1 name=$2 work=$3

mkdir -p "$work/registry"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/registry.yml" <<YAML
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
YAML
docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
registry=$!
trap 'kill $registry' EXIT
for _ in $(seq 100); do
    python3 -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/v2/', timeout=5)" \
        2>/dev/null && break
    kill -0 $registry
    sleep 0.1
done

copy() {
    skopeo --insecure-policy copy -q --preserve-digests \
        --src-tls-verify=false --dest-tls-verify=false "$@"
}
image="docker://127.0.0.1:$port/assay/bundle:v1"
copy "oci:$store:$name" "dir:$work/dir"
copy "dir:$work/dir" "oci-archive:$work/archive.tar:bundle"
copy "oci-archive:$work/archive.tar:bundle" "$image"
copy "$image" "oci:$work/back:bundle"
for place in "oci:$store:$name" "dir:$work/dir" "oci-archive:$work/archive.tar:bundle" \
    "$image" "oci:$work/back:bundle"; do
    skopeo --insecure-policy inspect --tls-verify=false --raw "$place" | sha256sum | cut -d' ' -f1
done
