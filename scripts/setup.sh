#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Installs what a build needs on Debian 12 or newer: packages, and librdkafka built once into the
# cache. With --with-broker also Java, Maven, one Apache Kafka node, one schema registry and one S3 server
# for the tests, and, where npm is there, the official serializers of another language; with --with-cel, where npm
# is there, the message types that the conformance suite of CEL uses.
# Whatever is there already is left alone, so every other script calls this first.
#
#   scripts/setup.sh [--with-broker] [--with-cel]
#   SIDESTREAM_CACHE   where builds and jars are kept (default: ~/.cache/sidestream)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly cache="${SIDESTREAM_CACHE:-$HOME/.cache/sidestream}"
readonly rdkafka_minimum=2.14.2
readonly rdkafka_sha256_2_14_2=4d53568c13717b167d12c7b2a0fe12aeb5d6bfe02de53df5b68f86d870a81b33
readonly kafka_version=4.1.0
readonly cel_package=@bufbuild/cel-spec@0.6.1

readonly build_packages=(
  ca-certificates ccache cmake g++ git ninja-build pkg-config
  libboost-dev libcli11-dev libcpp-httplib-dev libfmt-dev liblua5.4-dev libmimalloc-dev
  libprotobuf-dev
  libprotoc-dev libre2-dev librocksdb-dev libsimdjson-dev libspdlog-dev libvalijson-dev
  libxxhash-dev libyaml-cpp-dev
  nlohmann-json3-dev prometheus-cpp-dev robin-map-dev
  libbenchmark-dev libgtest-dev librapidcheck-dev libsqlite3-dev spin
  # What librdkafka is built against; libcurl and OpenSSL are ours too.
  libcurl4-openssl-dev liblz4-dev libsasl2-dev libssl-dev libzstd-dev zlib1g-dev
)

say() { printf '[setup] %s\n' "$*"; }
die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages are missing, and this is neither root nor is there sudo: $*"
  fi
}

is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]
}

install_packages() {
  local missing=() name
  for name in "$@"; do
    is_installed "$name" || missing+=("$name")
  done
  [[ ${#missing[@]} -eq 0 ]] && return
  say "installing ${missing[*]}"
  as_root apt-get -q -o Acquire::Retries=3 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
    install --no-install-recommends "${missing[@]}"
}

# Prints the address of this machine's own Debian archive, whichever mirror that is.
archive_uri() {
  local codename uri field
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  for field in Release Codename; do
    uri=$(apt-get indextargets --format '$(REPO_URI)' "$field: $codename" 'Component: main' \
      | sort -u | sed -n 1p)
    if [[ -n $uri ]]; then
      printf '%s' "$uri"
      return
    fi
  done
  die "apt names no archive for '$codename'; add one to its sources and run this again"
}

# Downloads the newest librdkafka source package of Debian testing or trixie into the folder $1.
# apt checks it against the signed index; nothing of the system's own apt state is touched.
download_rdkafka() {
  local folder=$1 uri signed=''
  uri=$(archive_uri)
  if [[ -f /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
    signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] '
  fi
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  printf 'deb-src %s%s %s main\n' "$signed" "$uri" testing "$signed" "$uri" trixie \
    >"$folder/sources.list"
  local options=(
    -q -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache"
    -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=3
  )
  apt-get "${options[@]}" update
  (cd "$folder" && apt-get "${options[@]}" source --download-only librdkafka)
}

build_rdkafka() {
  local prefix="$cache/librdkafka"
  if PKG_CONFIG_PATH="$prefix/lib/pkgconfig" \
    pkg-config --atleast-version="$rdkafka_minimum" rdkafka-static 2>/dev/null; then
    return
  fi
  if pkg-config --atleast-version="$rdkafka_minimum" rdkafka 2>/dev/null; then
    say "using the system's librdkafka $(pkg-config --modversion rdkafka)"
    return
  fi
  say "building librdkafka into $prefix"
  local work archive version
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/librdkafka-build.XXXXXX")
  # shellcheck disable=SC2064  # the folder of now is meant
  trap "rm -rf '$work'" EXIT
  download_rdkafka "$work"
  archive=$(find "$work" -maxdepth 1 -name 'librdkafka_*.orig.tar.*' ! -name '*.asc' -print -quit)
  [[ -n $archive ]] || die "no source archive of librdkafka was downloaded"
  version=$(basename "$archive" | sed -E 's/^librdkafka_(.*)\.orig\.tar\..*$/\1/')
  dpkg --compare-versions "$version" ge "$rdkafka_minimum" \
    || die "Debian's source package is librdkafka $version; $rdkafka_minimum or newer is needed"
  if [[ $version == 2.14.2 ]]; then
    printf '%s  %s\n' "$rdkafka_sha256_2_14_2" "$archive" | sha256sum --check --quiet \
      || die "the source of librdkafka 2.14.2 is not the one that was tested"
  fi
  mkdir "$work/source"
  tar -xf "$archive" -C "$work/source" --strip-components=1
  cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DRDKAFKA_BUILD_STATIC=ON -DRDKAFKA_BUILD_TESTS=OFF \
    -DRDKAFKA_BUILD_EXAMPLES=OFF -DENABLE_LZ4_EXT=ON -DWITH_SSL=ON -DWITH_SASL=ON \
    -DWITH_ZSTD=ON -DWITH_CURL=ON >"$work/configure.log" || { cat "$work/configure.log"; exit 1; }
  cmake --build "$work/build" >"$work/build.log" || { tail -50 "$work/build.log"; exit 1; }
  rm -rf "$prefix"
  cmake --install "$work/build" >/dev/null
  rm -rf "$work"
  trap - EXIT
  say "librdkafka $version is ready"
}

# Copies the jars next to each other; the marker says that the folder is whole.
fetch_kafka() {
  local folder="$cache/kafka-$kafka_version"
  if [[ ! -f $folder/complete ]]; then
    say "fetching Apache Kafka $kafka_version"
    rm -rf "$folder"
    mkdir -p "$folder/maven"
    cp scripts/kafka/pom.xml "$folder/maven/pom.xml"
    mvn -q -B -f "$folder/maven/pom.xml" dependency:copy-dependencies \
      -DoutputDirectory="$folder/lib" -DincludeScope=runtime
    touch "$folder/complete"
  fi
  scripts/broker.sh prepare
}

# The types are compiled into a package of npm; the tests want them as one file. Without them the
# tests say so and skip what needs them.
fetch_cel_types() {
  local folder="$cache/cel-spec"
  [[ -f $folder/types.binpb ]] && return
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    say "WARNING: no npm: the conformance suite of CEL runs without its message types"
    return
  fi
  say "fetching the message types of $cel_package"
  mkdir -p "$folder"
  if npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$folder" "$cel_package" \
    && node scripts/cel/types.mjs "$folder" "$folder/types.part"; then
    mv "$folder/types.part" "$folder/types.binpb"
  else
    say "WARNING: npm failed: the conformance suite of CEL runs without its message types"
  fi
}

main() {
  local with_broker=false with_cel=false option
  for option in "$@"; do
    case "$option" in
      --with-broker) with_broker=true ;;
      --with-cel) with_cel=true ;;
      *) die "usage: scripts/setup.sh [--with-broker] [--with-cel]" ;;
    esac
  done
  install_packages "${build_packages[@]}"
  build_rdkafka
  if $with_broker; then
    # The compiler, too: tests/kafka_streams runs a program of one file.
    command -v javac >/dev/null || install_packages default-jdk-headless
    command -v mvn >/dev/null || install_packages maven
    fetch_kafka
    scripts/registry.sh fetch
    scripts/object_storage.sh fetch
  fi
  if $with_cel; then
    fetch_cel_types
  fi
}

main "$@"
