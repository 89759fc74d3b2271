#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fuzzes each reader for a while and prints executions and edges. Corpora grow in build/fuzz/corpus; what breaks a program is kept in
# build/fuzz/crashes and ends the script with status 1.
#
#   tests/fuzz/run.sh [SECONDS [NAME...]]     60 s each of model, run, expression, units, result
#   JOBS=n                                    so many at a time, 1
#   BUILD=dir                                 another place than build/fuzz
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
names=("${@:2}")
[ ${#names[@]} -gt 0 ] || names=(model run expression units result)
build=${BUILD:-$PWD/build/fuzz}
clang=$(command -v "${CC:-clang-14}" || command -v clang || true)
if [ -z "$clang" ]; then
  echo "fuzzing needs clang: apt install clang-14" >&2
  exit 2
fi

mkdir -p "$build"
# Of the evaluators only the plain one: the others are the same source.
if ! CC=$clang cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" -DTAUTRAIN_FUZZ=ON \
    -DBUILD_SHARED_LIBS=OFF -DTAUTRAIN_WERROR=OFF -DTAUTRAIN_HAS_AVX512_FLAGS=OFF \
    -DCMAKE_C_FLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all" > "$build/cmake.log" 2>&1 ||
  ! cmake --build "$build" --target "${names[@]/#/fuzz_}" fuzz_seed_result > "$build/build.log" 2>&1; then
  tail -n 20 "$build/cmake.log" "$build/build.log" >&2
  exit 2
fi

# The first corpus of a target: a file each.
seed_texts() { # NAME COMMAND: one seed a line of the command's output
  local i=0 line
  while IFS= read -r line; do
    printf '%s' "$line" > "$build/corpus/$1/seed-$((i += 1))"
  done
}
seed() {
  mkdir -p "$build/corpus/$1" "$build/crashes"
  case $1 in
    model | run)
      find examples tests/oracle tests/invalid -name '*.yaml' | while read -r file; do
        cp "$file" "$build/corpus/$1/$(echo "$file" | tr / _)"
      done ;;
    expression) grep -rhoP '(?<=rate: ")[^"]+' --include='*.yaml' examples tests | sort -u | seed_texts expression ;;
    units)
      grep -rhoP '[0-9.]+ (\+/- [0-9.e+-]+ )?[A-Za-z%/^0-9.]+(?=[,} \n])' --include='*.yaml' examples tests |
        sort -u | sed -n '1,500p' | seed_texts units ;;
    result)
      local i=0 file
      for file in tests/oracle/g1-04*/pfr.yaml tests/oracle/g1-06*/cstr.yaml tests/oracle/g1-10*/*batch*.yaml examples/snar/snar.yaml; do
        [ -f "$file" ] && "$build/tests/fuzz/fuzz_seed_result" "$file" "$build/corpus/result/seed-$((i += 1)).h5"
      done ;;
  esac
}

longest() { case $1 in model | run) echo 8192 ;; expression) echo 1024 ;; units) echo 256 ;; result) echo 200000 ;; esac; }

# HDF5 leaks on some damaged files (1.10: 9 kB in a load); blocks that it allocated are not counted, ours are.
printf 'leak:libhdf5\n' > "$build/lsan.txt"
export LSAN_OPTIONS=suppressions=$build/lsan.txt:print_suppressions=0

fuzz() { # NAME: a line of the table
  local name=$1 log=$build/$1.log dict=() status=0 runs rate edges
  case $name in
    model | run) dict=(-dict=tests/fuzz/model.dict) ;;
    expression | units) dict=(-dict="tests/fuzz/$name.dict") ;;
  esac
  if ! "$build/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len="$(longest "$name")" -timeout=10 \
      -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$build/crashes/$name-" "${dict[@]}" \
      "$build/corpus/$name" > "$log" 2>&1; then
    status=1
    echo "$name FAILED: $log" >&2
    grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" | head -5 >&2 || true
  fi
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$log")
  edges=$(grep -oE ' cov: [0-9]+' "$log" | tail -1 | grep -oE '[0-9]+' || true)
  printf '%-12s %12s %8s %8s %8s\n' "$name" "${runs:--}" "${rate:--}" "${edges:--}" "$(find "$build/corpus/$name" -type f | wc -l)"
  return $status
}

failed=0
for name in "${names[@]}"; do seed "$name"; done
printf '%-12s %12s %8s %8s %8s\n' target executions per-s edges corpus
running=0
for name in "${names[@]}"; do
  if [ $running -ge "${JOBS:-1}" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$name" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit $failed
