# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: runs long steps with one line each.
#
#   step "2/4 library" build/library.log make_library
#
# shows the running time and the last line of the log on a terminal, and on failure the end of the log.

progress_width=34

_on_terminal() { [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; }

# The last line of a log, short enough for the terminal.
_latest() {
  local columns
  columns=$(tput cols 2>/dev/null || echo 80)
  tail -n 1 "$1" 2>/dev/null | tr -d '\r' | sed 's/\x1b\[[0-9;]*m//g' | cut -c 1-"$((columns - progress_width - 14))"
}

step() { # NAME LOG COMMAND...
  local name=$1 log=$2 start=$SECONDS result=0 pid
  shift 2
  mkdir -p "$(dirname "$log")"
  printf "  %-${progress_width}s" "$name"
  set -m # a process group of its own, so that Ctrl-C can end all of it
  (
    set -e
    "$@"
  ) >"$log" 2>&1 </dev/null &
  pid=$!
  set +m
  trap 'kill -- -'"$pid"' 2>/dev/null; echo " stopped"; exit 130' INT TERM
  _watch "$pid" "$name" "$log"
  wait "$pid" || result=$?
  trap - INT TERM
  if [ "$result" -ne 0 ]; then
    printf ' FAILED after %d s; the end of %s:\n' $((SECONDS - start)) "$log"
    tail -n 40 "$log" | sed 's/^/    /'
    return "$result"
  fi
  printf ' ok %5d s\n' $((SECONDS - start))
}

# Until the process ends: the running time and the latest line, or a dot each half minute where there is no terminal.
_watch() { # PID NAME LOG
  local start=$SECONDS dots=0
  while kill -0 "$1" 2>/dev/null; do
    if _on_terminal; then
      printf "\r  %-${progress_width}s%4d s  %s\033[K" "$2" $((SECONDS - start)) "$(_latest "$3")"
    elif [ $(((SECONDS - start) / 30)) -gt $dots ]; then
      dots=$((dots + 1))
      printf '.'
    fi
    sleep 0.2
  done
  if _on_terminal; then printf "\r  %-${progress_width}s\033[K" "$2"; fi
}

# Runs a command only when the files that decide its outcome have changed since it last succeeded.
#   unless_same STAMP HASH COMMAND...
unless_same() {
  local stamp=$1 hash=$2
  shift 2
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ]; then
    echo "unchanged"
    return 0
  fi
  rm -f "$stamp"
  "$@" || return
  mkdir -p "$(dirname "$stamp")"
  echo "$hash" >"$stamp"
}

# One hash over the names and contents of files and folders.
hash_of() {
  find "$@" -type f -not -path '*/__pycache__/*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}
