#!/usr/bin/env bash
# verify.sh pings what the lab flannel-vxlan expects; netc wrote it from flannel-vxlan.net. Run it as root while the lab is up.
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
  for name in n1 n1-a n1-b n2 n2-c n3 n3-d segments; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab flannel-vxlan is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'flannel-vxlan.net:28  a -> b (10.244.1.3) ttl 64' 'ttl=64 ' ip netns exec n1-a ping -n -c 1 -W 1 10.244.1.3
  answered 'flannel-vxlan.net:28  b -> a (10.244.1.2) ttl 64' 'ttl=64 ' ip netns exec n1-b ping -n -c 1 -W 1 10.244.1.2
  answered 'flannel-vxlan.net:29  a -> c (10.244.2.9) ttl 62' 'ttl=62 ' ip netns exec n1-a ping -n -c 1 -W 1 10.244.2.9
  answered 'flannel-vxlan.net:29  a -> c (10.244.2.9) mtu 1450: 1450 bytes pass' ttl= ip netns exec n1-a ping -n -c 1 -W 1 -M 'do' -s 1422 10.244.2.9
  unanswered 'flannel-vxlan.net:29  a -> c (10.244.2.9) mtu 1450: 1451 bytes do not' ip netns exec n1-a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 10.244.2.9
  answered 'flannel-vxlan.net:29  c -> a (10.244.1.2) ttl 62' 'ttl=62 ' ip netns exec n2-c ping -n -c 1 -W 1 10.244.1.2
  answered 'flannel-vxlan.net:29  c -> a (10.244.1.2) mtu 1450: 1450 bytes pass' ttl= ip netns exec n2-c ping -n -c 1 -W 1 -M 'do' -s 1422 10.244.1.2
  unanswered 'flannel-vxlan.net:29  c -> a (10.244.1.2) mtu 1450: 1451 bytes do not' ip netns exec n2-c ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 10.244.1.2
  answered 'flannel-vxlan.net:30  a -> d (10.244.3.2) ttl 62' 'ttl=62 ' ip netns exec n1-a ping -n -c 1 -W 1 10.244.3.2
  answered 'flannel-vxlan.net:30  d -> a (10.244.1.2) ttl 62' 'ttl=62 ' ip netns exec n3-d ping -n -c 1 -W 1 10.244.1.2
  answered 'flannel-vxlan.net:31  n1 -> d (10.244.3.2) ttl 63' 'ttl=63 ' ip netns exec n1 ping -n -c 1 -W 1 10.244.3.2
  answered 'flannel-vxlan.net:32  a -> n2 (192.168.50.12)' ttl= ip netns exec n1-a ping -n -c 1 -W 1 192.168.50.12

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
