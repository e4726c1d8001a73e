#!/usr/bin/env bash
# verify.sh pings what the lab tunnel-links expects; netc wrote it from tunnel-links.net. Run it as root while the lab is up.
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
    if [[ ! -e /run/netns/$name ]]; then tell "the lab tunnel-links is not up: there is no namespace $name" && exit 1; fi
  done
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations
  answered 'tunnel-links.net:23  a:gre1 -> b:gre1 (10.11.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.11.0.1 10.11.0.2
  answered 'tunnel-links.net:23  b:gre1 -> a:gre1 (10.11.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.11.0.2 10.11.0.1
  answered 'tunnel-links.net:23  a:gre2 -> b:gre2 (10.12.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.12.0.1 10.12.0.2
  answered 'tunnel-links.net:23  b:gre2 -> a:gre2 (10.12.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.12.0.2 10.12.0.1
  answered 'tunnel-links.net:23  a:tap4 -> b:tap4 (10.13.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.13.0.1 10.13.0.2
  answered 'tunnel-links.net:23  b:tap4 -> a:tap4 (10.13.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.13.0.2 10.13.0.1
  answered 'tunnel-links.net:23  a:ipip1 -> b:ipip1 (10.14.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.14.0.1 10.14.0.2
  answered 'tunnel-links.net:23  b:ipip1 -> a:ipip1 (10.14.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.14.0.2 10.14.0.1
  answered 'tunnel-links.net:23  a:sit1 -> b:sit1 (fd15::2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I fd15::1 fd15::2
  answered 'tunnel-links.net:23  b:sit1 -> a:sit1 (fd15::1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I fd15::2 fd15::1
  answered 'tunnel-links.net:23  a:gre6 -> b:gre6 (10.16.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.16.0.1 10.16.0.2
  answered 'tunnel-links.net:23  b:gre6 -> a:gre6 (10.16.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.16.0.2 10.16.0.1
  answered 'tunnel-links.net:23  a:tap6 -> b:tap6 (10.17.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.17.0.1 10.17.0.2
  answered 'tunnel-links.net:23  b:tap6 -> a:tap6 (10.17.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.17.0.2 10.17.0.1
  answered 'tunnel-links.net:23  a:ipip6 -> b:ipip6 (10.18.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.18.0.1 10.18.0.2
  answered 'tunnel-links.net:23  b:ipip6 -> a:ipip6 (10.18.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.18.0.2 10.18.0.1
  answered 'tunnel-links.net:23  a:vx0 -> b:vx0 (10.19.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.19.0.1 10.19.0.2
  answered 'tunnel-links.net:23  b:vx0 -> a:vx0 (10.19.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.19.0.2 10.19.0.1
  answered 'tunnel-links.net:23  a:vx1 -> b:vx1 (10.20.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.20.0.1 10.20.0.2
  answered 'tunnel-links.net:23  b:vx1 -> a:vx1 (10.20.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.20.0.2 10.20.0.1
  answered 'tunnel-links.net:23  a:gnv0 -> b:gnv0 (10.21.0.2) ttl 64' 'ttl=64 ' ip netns exec a ping -n -c 1 -W 1 -I 10.21.0.1 10.21.0.2
  answered 'tunnel-links.net:23  b:gnv0 -> a:gnv0 (10.21.0.1) ttl 64' 'ttl=64 ' ip netns exec b ping -n -c 1 -W 1 -I 10.21.0.2 10.21.0.1
  answered 'tunnel-links.net:25  a:vx0 -> b:vx0 (10.19.0.2)' ttl= ip netns exec a ping -n -c 1 -W 1 -I 10.19.0.1 10.19.0.2
  answered 'tunnel-links.net:25  a:vx0 -> b:vx0 (10.19.0.2) mtu 1450: 1450 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1422 -I 10.19.0.1 10.19.0.2
  unanswered 'tunnel-links.net:25  a:vx0 -> b:vx0 (10.19.0.2) mtu 1450: 1451 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 -I 10.19.0.1 10.19.0.2
  answered 'tunnel-links.net:25  b:vx0 -> a:vx0 (10.19.0.1)' ttl= ip netns exec b ping -n -c 1 -W 1 -I 10.19.0.2 10.19.0.1
  answered 'tunnel-links.net:25  b:vx0 -> a:vx0 (10.19.0.1) mtu 1450: 1450 bytes pass' ttl= ip netns exec b ping -n -c 1 -W 1 -M 'do' -s 1422 -I 10.19.0.2 10.19.0.1
  unanswered 'tunnel-links.net:25  b:vx0 -> a:vx0 (10.19.0.1) mtu 1450: 1451 bytes do not' ip netns exec b ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 -I 10.19.0.2 10.19.0.1
  answered 'tunnel-links.net:26  a:gnv0 -> b:gnv0 (10.21.0.2)' ttl= ip netns exec a ping -n -c 1 -W 1 -I 10.21.0.1 10.21.0.2
  answered 'tunnel-links.net:26  a:gnv0 -> b:gnv0 (10.21.0.2) mtu 1450: 1450 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1422 -I 10.21.0.1 10.21.0.2
  unanswered 'tunnel-links.net:26  a:gnv0 -> b:gnv0 (10.21.0.2) mtu 1450: 1451 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 -I 10.21.0.1 10.21.0.2
  answered 'tunnel-links.net:26  b:gnv0 -> a:gnv0 (10.21.0.1)' ttl= ip netns exec b ping -n -c 1 -W 1 -I 10.21.0.2 10.21.0.1
  answered 'tunnel-links.net:26  b:gnv0 -> a:gnv0 (10.21.0.1) mtu 1450: 1450 bytes pass' ttl= ip netns exec b ping -n -c 1 -W 1 -M 'do' -s 1422 -I 10.21.0.2 10.21.0.1
  unanswered 'tunnel-links.net:26  b:gnv0 -> a:gnv0 (10.21.0.1) mtu 1450: 1451 bytes do not' ip netns exec b ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1423 -I 10.21.0.2 10.21.0.1
  answered 'tunnel-links.net:27  a:ipip6 -> b:ipip6 (10.18.0.2)' ttl= ip netns exec a ping -n -c 1 -W 1 -I 10.18.0.1 10.18.0.2
  answered 'tunnel-links.net:27  a:ipip6 -> b:ipip6 (10.18.0.2) mtu 1460: 1460 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1432 -I 10.18.0.1 10.18.0.2
  unanswered 'tunnel-links.net:27  a:ipip6 -> b:ipip6 (10.18.0.2) mtu 1460: 1461 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1433 -I 10.18.0.1 10.18.0.2
  answered 'tunnel-links.net:27  b:ipip6 -> a:ipip6 (10.18.0.1)' ttl= ip netns exec b ping -n -c 1 -W 1 -I 10.18.0.2 10.18.0.1
  answered 'tunnel-links.net:27  b:ipip6 -> a:ipip6 (10.18.0.1) mtu 1460: 1460 bytes pass' ttl= ip netns exec b ping -n -c 1 -W 1 -M 'do' -s 1432 -I 10.18.0.2 10.18.0.1
  unanswered 'tunnel-links.net:27  b:ipip6 -> a:ipip6 (10.18.0.1) mtu 1460: 1461 bytes do not' ip netns exec b ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1433 -I 10.18.0.2 10.18.0.1
  answered 'tunnel-links.net:28  a:to-b -> b:to-a (10.22.0.2)' ttl= ip netns exec a ping -n -c 1 -W 1 -I 10.22.0.1 10.22.0.2
  answered 'tunnel-links.net:28  a:to-b -> b:to-a (10.22.0.2) mtu 1400: 1400 bytes pass' ttl= ip netns exec a ping -n -c 1 -W 1 -M 'do' -s 1372 -I 10.22.0.1 10.22.0.2
  unanswered 'tunnel-links.net:28  a:to-b -> b:to-a (10.22.0.2) mtu 1400: 1401 bytes do not' ip netns exec a ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1373 -I 10.22.0.1 10.22.0.2
  answered 'tunnel-links.net:28  b:to-a -> a:to-b (10.22.0.1)' ttl= ip netns exec b ping -n -c 1 -W 1 -I 10.22.0.2 10.22.0.1
  answered 'tunnel-links.net:28  b:to-a -> a:to-b (10.22.0.1) mtu 1400: 1400 bytes pass' ttl= ip netns exec b ping -n -c 1 -W 1 -M 'do' -s 1372 -I 10.22.0.2 10.22.0.1
  unanswered 'tunnel-links.net:28  b:to-a -> a:to-b (10.22.0.1) mtu 1400: 1401 bytes do not' ip netns exec b ping -n -c 2 -i 0.2 -W 1 -M 'do' -s 1373 -I 10.22.0.2 10.22.0.1

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
