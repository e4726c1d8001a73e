#!/usr/bin/env bash
# verify.sh pings what the lab erspan expects; netc wrote it from erspan.net. Run it as root while the lab is up.
# A line for each expectation on standard output; the status is 0 only if all hold.
# shellcheck disable=SC2043 # a loop over one name
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=verify.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: verify.sh [-q]' && exit 2 ;; esac
  export LC_ALL=C
  passed=0 failed=0 tries=5
  report() { # GOOD WHAT WHY
    if (($1)); then passed=$((passed + 1)) && printf 'ok    %s\n' "$2" && return; fi
    failed=$((failed + 1)) && printf 'FAIL  %s: %s\n' "$2" "$3"
  }
  answered() { # WHAT PATTERN COMMAND...: a ping that is answered, by a reply that holds PATTERN
    local out why='no answer' try
    for ((try = 1; try <= tries; try++)); do
      if out=$("${@:3}" 2>&1); then
        if [[ $out == *"$2"* ]]; then report 1 "$1" && return; fi
        why="the answer is ${out#*$'\n'}" && why=${why%%$'\n'*}
      elif ((try < tries)); then
        sleep 0.3
      fi
    done
    report 0 "$1" "$why"
    tries=2 # what comes up slowly has had its time
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi
  for name in sw server client r analyser; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab erspan is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'erspan.net:30  client -> server (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec client ping -n -c 1 -W 1 10.0.0.1
  answered 'erspan.net:30  server -> client (10.0.0.2) ttl 64' 'ttl=64 ' ip netns exec server ping -n -c 1 -W 1 10.0.0.2
  answered 'erspan.net:31  sw:span -> analyser:span (10.9.0.2) ttl 64' 'ttl=64 ' ip netns exec sw ping -n -c 1 -W 1 -I 10.9.0.1 10.9.0.2
  answered 'erspan.net:31  analyser:span -> sw:span (10.9.0.1) ttl 64' 'ttl=64 ' ip netns exec analyser ping -n -c 1 -W 1 -I 10.9.0.2 10.9.0.1
  answered 'erspan.net:32  sw:span6 -> analyser:span6 (10.9.6.2) ttl 64' 'ttl=64 ' ip netns exec sw ping -n -c 1 -W 1 -I 10.9.6.1 10.9.6.2
  answered 'erspan.net:32  analyser:span6 -> sw:span6 (10.9.6.1) ttl 64' 'ttl=64 ' ip netns exec analyser ping -n -c 1 -W 1 -I 10.9.6.2 10.9.6.1

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
