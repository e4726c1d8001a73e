#!/usr/bin/env bash
# verify.sh pings what the lab flannel-direct-routing expects on the host router; netc wrote it from flannel-direct-routing.net. Run it as root while the lab is up.
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
  passed=0 failed=0
  if ((EUID)); then tell 'run me as root' && exit 1; fi
  type -P ping >/dev/null || { tell 'this needs the command ping, which is not here' && exit 1; }

  # --- the expectations

  summary="$passed hold, $failed do not"
  if ((passed + failed == 0)); then summary='the lab expects nothing'; fi
  if [[ -z $quiet ]]; then printf '%s\n' "$summary"; fi
  if ((failed)); then exit 1; fi
  exit 0
}
