#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Memcheck on the unit tests and the damaged files: what AddressSanitizer does not see is memory that was never set, in our code or
# handed to a library (HDF5 writes what we give it to a file).
#
#   tests/fault/valgrind.sh BUILD [JOBS]
#
# Left out are tests that only repeat what others do some thousand times, threads (valgrind runs one at a time; the preset tsan is for them)
# and one that counts on the sign of zero of a fused multiply-add, which valgrind computes otherwise.
set -uo pipefail
build=$(cd "$1" && pwd)/tests
jobs=${2:-$(nproc)}
logs=$build/valgrind
mkdir -p "$logs"
rm -f "$logs"/*.log

# program, and which of its tests are skipped
programs() {
  for program in "$build"/unit_*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    case $(basename "$program") in
      unit_h5) echo "$program threads*" ;;
      unit_h5_hostile) echo "$program hostile*" ;;
      unit_mixed | unit_mixed_runs) echo "$program *_is_*" ;;
      unit_print) echo "$program random_nodes*" ;;
      unit_program) echo "$program arithmetic_has_the_same_bits_without_fma" ;;
      unit_sensitivity_lanes) echo "$program refused*" ;; # each request in turn: minutes here
      unit_washout) ;; # tables by the hundred: unit_mixed and unit_react make some
      unit_yaml) echo "$program *_mi*" ;; # a million values, 64 MiB
      unit_yaml_write) echo "$program random_trees*" ;;
      *) echo "$program -" ;;
    esac
  done | sort -t _ -k 2,2
  echo "$build/fault/fault_damaged a*" # every length, every bit, the limit of work: minutes here
}

# UDUNITS keeps its database for ever ("possibly lost"), and HDF5 its lists of free blocks.
check() { # PROGRAM SKIPPED
  local name log
  name=$(basename "$1")
  log=$logs/$name.log
  (cd "$logs" && TAUTRAIN_SKIP=$2 valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite "$1") >"$log" 2>&1 && grep -q '  PASSED  ' "$log" && return 0
  echo "$name FAILED: $log"
  grep -E '^==|ERROR|FAILED' "$log" | head -30
  return 1
}
export -f check
export logs

n=$(programs | wc -l)
if programs | xargs -P "$jobs" -L 1 bash -c 'check "$@"' check; then
  echo "memcheck: $n programs, no error and nothing lost"
else
  exit 1
fi
