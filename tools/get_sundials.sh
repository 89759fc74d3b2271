#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts the source archive of SUNDIALS into a folder and prints its path; nothing else goes to stdout.
#
#   tools/get_sundials.sh DEST [7.1.1|6.4.1]
#
# Looked for in DEST itself, then Debian's source archive, then the Rust crate sundials-sys, which carries the same tree.
# Whatever is found must have the checksum below.
set -eu

dest=${1:?usage: get_sundials.sh DEST [VERSION]}
version=${2:-7.1.1}
crate=sundials-sys
crate_version=
crate_sum=
case $version in
  7.1.1)
    debian=7.1.1+dfsg1
    suite=trixie
    sum=8ed409272af77e958d0ac02fd72199d8643063faf2aa61811e5c615d7db5cf8e
    crate_version=0.6.2
    crate_sum=6fbd1d53481b83fc758406097f07b668bf243945e2b1f7db93a8f997cf6b44c9
    ;;
  6.4.1) # kept to test the older interface
    debian=6.4.1+dfsg1
    suite=bookworm
    sum=c61157f1d4be06c704bea40cb131eb63ba2dada161989071604d0a0959cdf04a
    ;;
  *)
    echo "get_sundials: no checksum is known for SUNDIALS $version" >&2
    exit 2
    ;;
esac

mkdir -p "$dest"
dest=$(cd "$dest" && pwd)
tarball=sundials_$debian.orig.tar.xz
archive=$dest/$tarball
crate_file=$dest/$crate-$crate_version.crate

intact() { # FILE SHA256
  [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status -
}

# A second copy beside the first, then one rename: two configures at once cannot see half a file.
keep() { # FILE AS
  cp "$1" "$tmp/keep"
  mv "$tmp/keep" "$2"
  echo "$2"
}

# The mirror this machine already uses, asked for the source index of one suite through a private state: /etc is not touched.
from_debian() {
  command -v apt-get >/dev/null || return 1
  mirror=$(apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
    awk -F'|' '$1 == "Debian" && $2 == "main" { print $3; exit }')
  [ -n "$mirror" ] || return 1
  mkdir -p "$tmp/parts" "$tmp/lists/partial"
  cat >"$tmp/parts/source.sources" <<END
Types: deb-src
URIs: $mirror
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
  set -- -qq \
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$tmp/parts" -o Dir::State::lists="$tmp/lists" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=
  (cd "$tmp" && apt-get "$@" update && apt-get "$@" source --download-only --only-source sundials) >&2 || return 1
  intact "$tmp/$tarball" $sum || return 1
  keep "$tmp/$tarball" "$archive"
}

from_crate() {
  [ -n "$crate_version" ] && command -v cargo >/dev/null || return 1
  mkdir -p "$tmp/cargo/src"
  : >"$tmp/cargo/src/lib.rs"
  cat >"$tmp/cargo/Cargo.toml" <<END
[package]
name = "get-sundials"
version = "0.0.0"
edition = "2021"
[dependencies]
$crate = "=$crate_version"
END
  (cd "$tmp/cargo" && cargo fetch --quiet) >&2 || return 1
  found=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$crate-$crate_version.crate" | head -n 1)
  intact "$found" "$crate_sum" || return 1
  keep "$found" "$crate_file"
}

if intact "$archive" $sum; then
  echo "$archive"
  exit 0
fi
if [ -n "$crate_sum" ] && intact "$crate_file" "$crate_sum"; then
  echo "$crate_file"
  exit 0
fi

tmp=$(mktemp -d "$dest/.get.XXXXXX")
trap 'rm -rf "$tmp"' EXIT INT TERM
from_debian || from_crate || {
  cat >&2 <<END
get_sundials: SUNDIALS $version could not be fetched. One of these helps:
  - put its archive at $archive (sha256 $sum)
  - configure with -DTAUTRAIN_SUNDIALS_SOURCE=<its unpacked tree>
  - configure with -DTAUTRAIN_SUNDIALS=system and SUNDIALS (CVODES, KINSOL, KLU) installed
END
  exit 1
}
