#!/usr/bin/env bash
# verify.sh pings what the lab calico-cross-subnet expects on the host n1; netc wrote it from calico-cross-subnet.net. Run it as root while the lab is up.
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
  for name in a b; do
    if [[ ! -e /run/netns/$name ]]; then tell "the lab calico-cross-subnet is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'calico-cross-subnet.net:41  a -> b (192.168.100.66) ttl 63' 'ttl=63 ' ip netns exec a ping -n -c 1 -W 1 192.168.100.66
  answered 'calico-cross-subnet.net:41  a -> b (fd00:100::42) ttl 63' 'ttl=63 ' ip netns exec a ping -n -c 1 -W 1 fd00:100::42
  answered 'calico-cross-subnet.net:41  b -> a (192.168.100.65) ttl 63' 'ttl=63 ' ip netns exec b ping -n -c 1 -W 1 192.168.100.65
  answered 'calico-cross-subnet.net:41  b -> a (fd00:100::41) ttl 63' 'ttl=63 ' ip netns exec b ping -n -c 1 -W 1 fd00:100::41
  answered 'calico-cross-subnet.net:42  a -> c (192.168.100.129) ttl 62' 'ttl=62 ' ip netns exec a ping -n -c 1 -W 1 192.168.100.129
  answered 'calico-cross-subnet.net:42  a -> c (fd00:100::81) ttl 62' 'ttl=62 ' ip netns exec a ping -n -c 1 -W 1 fd00:100::81
  answered 'calico-cross-subnet.net:43  a -> d (192.168.100.193) ttl 62' 'ttl=62 ' ip netns exec a ping -n -c 1 -W 1 192.168.100.193
  answered 'calico-cross-subnet.net:43  a -> d (192.168.100.193) mtu 1430: 1430 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1402 192.168.100.193
  unanswered 'calico-cross-subnet.net:43  a -> d (192.168.100.193) mtu 1430: 1431 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1403 192.168.100.193
  answered 'calico-cross-subnet.net:43  a -> d (fd00:100::c1) ttl 62' 'ttl=62 ' ip netns exec a ping -n -c 1 -W 1 fd00:100::c1
  answered 'calico-cross-subnet.net:43  a -> d (fd00:100::c1) mtu 1430: 1430 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1382 fd00:100::c1
  unanswered 'calico-cross-subnet.net:43  a -> d (fd00:100::c1) mtu 1430: 1431 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1383 fd00:100::c1

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
