#!/bin/sh
# Builds the real backends that the tests run, from pinned Go modules: build.sh [-o DIR] [collector] [loki] [compose]; default: all.
# A binary is left alone while its inputs (go.mod, go.sum, Go sources, Go version, this script) are the same.
# The same flags everywhere: any other -trimpath, CGO_ENABLED or -ldflags would compile every package again.
# Cold, on two cores: collector 3 minutes, loki 7 to 11 and 2.3 GB of memory, compose (the checker of Compose files) half a
# minute.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../.cache/backends
if [ "${1:-}" = -o ]; then out=$2; shift 2; fi
[ $# -gt 0 ] || set -- collector loki compose
mkdir -p "$out"
out=$(cd "$out" && pwd)
# Test files that run side by side ask for the same binary: one builds it, the others wait.
if command -v flock >/dev/null; then exec 9>"$out/.lock"; flock 9; fi
export GOFLAGS="-mod=readonly -trimpath -buildvcs=false" CGO_ENABLED=0

# build DIRECTORY PACKAGE BINARY [LINKER FLAGS]
build() {
  stamp=$({ cat "$1"/go.mod "$1"/go.sum "$here/build.sh"; find "$1" -name '*.go' -exec cat {} +; cd "$1"; go version; } | sha256sum | cut -c1-16)
  if [ -x "$out/$3" ] && [ "$(cat "$out/$3.stamp" 2>/dev/null)" = "$stamp" ]; then
    echo "$3: up to date"
    return
  fi
  started=$(date +%s)
  (cd "$1" && go build -ldflags "-s -w ${4:-}" -o "$out/$3.$$" "$2")
  mv "$out/$3.$$" "$out/$3"
  echo "$stamp" > "$out/$3.stamp"
  echo "$3: built in $(($(date +%s) - started)) s, $(du -m "$out/$3" | cut -f1) MiB"
}

loki_version=$(sed -n 's|^.*github.com/grafana/loki/v3 v\([0-9.]*\).*|\1|p' "$here/loki/go.mod")

for backend; do
  case $backend in
    collector) build "$here/collector" . otelcol ;;
    loki) build "$here/loki" github.com/grafana/loki/v3/cmd/loki loki "-X github.com/grafana/loki/v3/pkg/util/build.Version=$loki_version" ;;
    compose) build "$here/compose" . compose-config ;;
    *) echo "unknown backend: $backend" >&2; exit 2 ;;
  esac
done
