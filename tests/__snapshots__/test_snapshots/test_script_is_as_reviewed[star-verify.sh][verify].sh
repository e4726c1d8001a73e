#!/usr/bin/env bash
# verify.sh pings what the lab star expects; netc wrote it from star.net. Run it as root while the lab is up.
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
  for name in sw h1 h2 h3 h4 h5 h6 h7 h8; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab star is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'star.net:14  h1 -> h2 (10.0.0.2) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.2
  answered 'star.net:14  h2 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h2 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h3 (10.0.0.3) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.3
  answered 'star.net:14  h3 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h3 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h4 (10.0.0.4) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.4
  answered 'star.net:14  h4 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h4 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h5 (10.0.0.5) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.5
  answered 'star.net:14  h5 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h5 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h6 (10.0.0.6) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.6
  answered 'star.net:14  h6 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h6 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h7 (10.0.0.7) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.7
  answered 'star.net:14  h7 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h7 ping -n -c 1 -W 1 10.0.0.1
  answered 'star.net:14  h1 -> h8 (10.0.0.8) ttl 64' 'ttl=64 ' ip netns exec h1 ping -n -c 1 -W 1 10.0.0.8
  answered 'star.net:14  h8 -> h1 (10.0.0.1) ttl 64' 'ttl=64 ' ip netns exec h8 ping -n -c 1 -W 1 10.0.0.1

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
