#!/usr/bin/env bash
# verify.sh pings what the lab routing-auto expects; netc wrote it from routing-auto.net. Run it as root while the lab is up.
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
  unanswered() { # WHAT COMMAND...: a ping that is not answered
    local status=0
    "${@:2}" >/dev/null 2>&1 || status=$?
    report $((status == 1 || status == 2)) "$1" "$(if ((status)); then echo 'ping could not be run'; else echo 'it is answered'; fi)"
  }
  received() { # COMMAND...: how many packets have come to the namespace that COMMAND enters
    local device packets sum=0
    while read -r device _ packets _; do
      if [[ $device == *: && $device != lo: ]]; then sum=$((sum + packets)); fi
    done < <("$@" cat /proc/net/dev)
    printf '%s\n' "$sum"
  }
  through() { # WHAT NETNS COMMAND...: twenty pings that come through NETNS
    local enter=(env) before after
    if [[ -n $2 ]]; then enter=(ip netns exec "$2"); fi
    before=$(received "${enter[@]}")
    "${@:3}" >/dev/null 2>&1 || :
    after=$(received "${enter[@]}")
    report $((after - before >= 20)) "$1" 'the packets take another way'
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi
  for name in r1 r2 r3 r4 a b; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab routing-auto is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'routing-auto.net:20  a -> b (10.3.0.2) ttl 61' 'ttl=61 ' ip netns exec a ping -n -c 1 -W 1 10.3.0.2
  through 'routing-auto.net:20  a -> b (10.3.0.2) via r2' r2 ip netns exec a ping -n -c 20 -i 0.02 -W 1 10.3.0.2
  answered 'routing-auto.net:20  a -> b (fd00:3::2) ttl 61' 'ttl=61 ' ip netns exec a ping -n -c 1 -W 1 fd00:3::2
  through 'routing-auto.net:20  a -> b (fd00:3::2) via r2' r2 ip netns exec a ping -n -c 20 -i 0.02 -W 1 fd00:3::2
  answered 'routing-auto.net:20  b -> a (10.1.0.2) ttl 61' 'ttl=61 ' ip netns exec b ping -n -c 1 -W 1 10.1.0.2
  through 'routing-auto.net:20  b -> a (10.1.0.2) via r2' r2 ip netns exec b ping -n -c 20 -i 0.02 -W 1 10.1.0.2
  answered 'routing-auto.net:20  b -> a (fd00:1::2) ttl 61' 'ttl=61 ' ip netns exec b ping -n -c 1 -W 1 fd00:1::2
  through 'routing-auto.net:20  b -> a (fd00:1::2) via r2' r2 ip netns exec b ping -n -c 20 -i 0.02 -W 1 fd00:1::2
  answered 'routing-auto.net:21  a -> 10.255.0.4 ttl 63' 'ttl=63 ' ip netns exec a ping -n -c 1 -W 1 10.255.0.4
  answered 'routing-auto.net:22  r4 -> a (10.1.0.2) ttl 63' 'ttl=63 ' ip netns exec r4 ping -n -c 1 -W 1 10.1.0.2
  through 'routing-auto.net:22  r4 -> a (10.1.0.2) via r1' r1 ip netns exec r4 ping -n -c 20 -i 0.02 -W 1 10.1.0.2
  unanswered 'routing-auto.net:23  r4 -/> b (10.3.0.2)' ip netns exec r4 ping -n -c 2 -i 0.2 -W 1 10.3.0.2

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
