#!/usr/bin/env bash
# verify.sh pings what the lab cni expects; netc wrote it from cni.net. Run it as root while the lab is up.
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
  if ((EUID)); then tell 'run me as root' && exit 1; fi
  for name in a b c d e f; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab cni is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'cni.net:25  a -> b (10.88.1.9) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 10.88.1.9
  answered 'cni.net:25  b -> a (10.88.1.2) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 10.88.1.2
  answered 'cni.net:26  c -> d (10.89.1.3) ttl 63' 'ttl=63 ' ip netns exec c ping -n -c 1 -W 1 10.89.1.3
  answered 'cni.net:26  c -> d (10.89.1.3) mtu 1400: 1400 bytes pass' ttl= ip netns exec c ping -n -c 1 -W 1 -M 'do' -s 1372 10.89.1.3
  unanswered 'cni.net:26  c -> d (10.89.1.3) mtu 1400: 1401 bytes do not' ip netns exec c ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1373 10.89.1.3
  answered 'cni.net:26  c -> d (fd00:89::3) ttl 63' 'ttl=63 ' ip netns exec c ping -n -c 1 -W 1 fd00:89::3
  answered 'cni.net:26  c -> d (fd00:89::3) mtu 1400: 1400 bytes pass' ttl= ip netns exec c ping -n -c 1 -W 1 -M 'do' -s 1352 fd00:89::3
  unanswered 'cni.net:26  c -> d (fd00:89::3) mtu 1400: 1401 bytes do not' ip netns exec c ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1353 fd00:89::3
  answered 'cni.net:26  d -> c (10.89.1.2) ttl 63' 'ttl=63 ' ip netns exec d ping -n -c 1 -W 1 10.89.1.2
  answered 'cni.net:26  d -> c (10.89.1.2) mtu 1400: 1400 bytes pass' ttl= ip netns exec d ping -n -c 1 -W 1 -M 'do' -s 1372 10.89.1.2
  unanswered 'cni.net:26  d -> c (10.89.1.2) mtu 1400: 1401 bytes do not' ip netns exec d ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1373 10.89.1.2
  answered 'cni.net:26  d -> c (fd00:89::2) ttl 63' 'ttl=63 ' ip netns exec d ping -n -c 1 -W 1 fd00:89::2
  answered 'cni.net:26  d -> c (fd00:89::2) mtu 1400: 1400 bytes pass' ttl= ip netns exec d ping -n -c 1 -W 1 -M 'do' -s 1352 fd00:89::2
  unanswered 'cni.net:26  d -> c (fd00:89::2) mtu 1400: 1401 bytes do not' ip netns exec d ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1353 fd00:89::2
  answered 'cni.net:27  a -> c (10.89.1.2) ttl 63' 'ttl=63 ' ip netns exec a ping -n -c 1 -W 1 10.89.1.2
  answered 'cni.net:28  c -> host (10.88.1.1)' ttl= ip netns exec c ping -n -c 1 -W 1 10.88.1.1
  answered 'cni.net:28  c -> host (fd00:89::1)' ttl= ip netns exec c ping -n -c 1 -W 1 fd00:89::1
  answered 'cni.net:29  e -> a (10.88.1.2) ttl 63' 'ttl=63 ' ip netns exec e ping -n -c 1 -W 1 10.88.1.2
  answered 'cni.net:30  e -> 10.90.1.1' ttl= ip netns exec e ping -n -c 1 -W 1 10.90.1.1
  unanswered 'cni.net:31  e -/> f (10.90.1.3)' ip netns exec e ping -n -c 2 -i 0.2 -W 1 10.90.1.3

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
