#!/usr/bin/env bash
# down.sh takes down the lab sriov; netc wrote it from sriov.net. Run it as root; -q says nothing but errors.
# It removes what up.sh made and still carries the lab's mark; stopped half-way, it goes on when it is run again.
# shellcheck disable=SC2016,SC2317,SC2329 # a $ of a command of its own; it does not see that traps call functions
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=down.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: down.sh [-q]' && exit 2 ;; esac
  lab=sriov here='sriov.net:2  lab sriov' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 1700260118 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
    [[ $seen == *": $1"[@:]* ]]
  }
  ours_netns() { # NETNS: whether it is there and carries the lab's mark, the alias of its lo
    local seen
    if [[ ! -e /run/netns/$1 ]]; then return 1; fi
    seen=$(ip -o -n "$1" link show dev lo 2>&1) || case $seen in
      *'Invalid argument'*) if [[ -e $state ]]; then return 0; fi ;; # a name that a killed `ip netns attach` left
      *) bad=1 && tell "$seen" ;;
    esac
    [[ $seen == *"alias netc $lab" ]]
  }
  users() { for pid in $(ip netns pids "$1"); do tell "process $pid, which is not the lab's, is still in $1: left alone"; done; }
  ours() { # PATTERN COMMAND...: whether a line that COMMAND prints matches
    local line lines
    lines=$("${@:2}") || { bad=1 && tell "at $here: this failed: ${*:2}"; }
    # shellcheck disable=SC2053
    while IFS= read -r line; do if [[ $line == $1 ]]; then return 0; fi; done <<<"$lines"
    return 1
  }
  held() { # FILE: prints, as WANTED|OLD, what another lab that is up noted of FILE, if FILE is as that lab wants it
    local notes file wanted old now
    now=$(<"$1") && now=${now//$'\t'/ }
    for notes in "$root"/*/sysctl; do
      if [[ $notes == "$state/sysctl" || ! -e $notes ]]; then continue; fi
      while IFS='|' read -r wanted old file; do
        if [[ $file == "$1" && $wanted == "$now" ]]; then printf '%s\n' "$wanted|$old" && return; fi
      done <"$notes"
    done
    return 1
  }
  restore() { # writes back what note noted, unless another lab holds it or someone else has changed it
    local file wanted old now
    local -A noted=() written=() target=()
    if [[ ! -e $state/sysctl ]]; then return 0; fi
    while IFS='|' read -r wanted old file; do
      if [[ -e $file ]]; then noted[$file]=$old && written[$file]+="|$wanted|"; fi
    done <"$state/sysctl"
    for file in "${!noted[@]}"; do
      now=$(<"$file") && now=${now//$'\t'/ } && target[$file]=$now
      if [[ $now == "${noted[$file]}" ]] || held "$file" >/dev/null; then continue; fi
      if [[ $file == */sriov_numvfs ]]; then written[$file]+='|0|'; fi # between one number and the next
      if [[ ${written[$file]} == *"|$now|"* ]]; then target[$file]=${noted[$file]}; else tell "$file: left at $now, which someone else wrote"; fi
    done
    for _ in 1 2; do # twice: one parameter may change others along
      for file in "${!target[@]}"; do
        now=$(<"$file") && now=${now//$'\t'/ }
        if [[ $file == */sriov_numvfs && $now != "${target[$file]}" && $now != 0 ]]; then # one number after another is refused
          if ! resizable "${file%/device/*}" "${target[$file]}"; then tell "$file: left at $now, others use what it counts" && continue; fi
          printf '0\n' >"$file" || bad=1
        fi
        if [[ $now != "${target[$file]}" ]]; then printf '%s\n' "${target[$file]}" >"$file" || bad=1; fi
      done
    done
  }
  vf() { # PF INDEX: prints the name of a virtual function's device, if that is in this namespace
    local path
    for path in "/sys/class/net/$1/device/virtfn$2/net"/*; do
      if [[ -e $path ]]; then printf '%s\n' "${path##*/}" && return 0; fi
    done
    return 1
  }
  idle() { # PF INDEX: whether nobody uses a virtual function: it has no device, or one that is here and down
    local name
    if [[ ! -e /sys/class/net/$1/device/virtfn$2/driver ]]; then return 0; fi
    name=$(vf "$1" "$2") && (($(<"/sys/class/net/$name/flags") % 2 == 0))
  }
  resizable() { # PF NUMBER: whether PF has NUMBER virtual functions, or others of which nobody uses one
    local path pf=${1##*/}
    if [[ $(<"/sys/class/net/$pf/device/sriov_numvfs") == "$2" ]]; then return 0; fi
    for path in "/sys/class/net/$pf/device/virtfn"*; do
      if [[ -e $path ]]; then idle "$pf" "${path##*virtfn}" || return 1; fi
    done
  }
  borrowed() { # PF INDEX: whether a virtual function's device is here with the lab's mark
    local name
    name=$(vf "$1" "$2") && ours_link "$name"
  }
  was() { # PF INDEX WHAT [ELSE]: prints what borrow noted; where nothing was, ELSE, or what its device has now
    local key value=''
    if [[ -e $state/nics ]]; then
      while IFS='|' read -r key value; do if [[ $key == "$1/$2/$3" ]]; then break; fi; done <"$state/nics"
    fi
    printf '%s\n' "${value:-${4-$(<"/sys/class/net/$(vf "$1" "$2")/$3")}}"
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_netns b && ours '*: eth0[@:]*' ip -n b -N -o link show group 1700260118; then undone 'sriov.net:7  vf eth0 192.168.7.12/24 on enp1s0' ip -n b link set dev eth0 netns $$ name "$(was enp1s0 1 name enp1s0v1)"; fi
    if borrowed enp1s0 1; then undone 'sriov.net:7  vf eth0 192.168.7.12/24 on enp1s0' sh -c 'ip link set dev "$0" vf "$1" mac "$2" && ip link set dev "$3" up && ip link set dev "$3" down' enp1s0 1 "$(was enp1s0 1 mac 00:00:00:00:00:00)" "$(vf enp1s0 1)"; fi
    if borrowed enp1s0 1; then undone 'sriov.net:7  vf eth0 192.168.7.12/24 on enp1s0' sh -c '[ "$0" = "$1" ] || { ip link property del dev "$0" altname "$1" 2>/dev/null; ip link set dev "$0" name "$1"; } && home=$1 && shift && ip link set dev "$home" "$@"' "$(vf enp1s0 1)" "$(was enp1s0 1 name enp1s0v1)" address "$(was enp1s0 1 address)" mtu "$(was enp1s0 1 mtu)" alias "$(was enp1s0 1 ifalias '')" group "$(was enp1s0 1 netdev_group 0)"; fi
    if ours_netns a && ours '*: eth0[@:]*' ip -n a -N -o link show group 1700260118; then undone 'sriov.net:6  vf eth0 192.168.7.11/24 on enp1s0' ip -n a link set dev eth0 netns $$ name "$(was enp1s0 0 name enp1s0v0)"; fi
    if borrowed enp1s0 0; then undone 'sriov.net:6  vf eth0 192.168.7.11/24 on enp1s0' ip link set dev enp1s0 vf 0 spoofchk "$(was enp1s0 0 spoofchk on)"; fi
    if borrowed enp1s0 0; then undone 'sriov.net:6  vf eth0 192.168.7.11/24 on enp1s0' sh -c 'ip link set dev "$0" vf "$1" mac "$2" && ip link set dev "$3" up && ip link set dev "$3" down' enp1s0 0 "$(was enp1s0 0 mac 00:00:00:00:00:00)" "$(vf enp1s0 0)"; fi
    if borrowed enp1s0 0; then undone 'sriov.net:6  vf eth0 192.168.7.11/24 on enp1s0' sh -c '[ "$0" = "$1" ] || { ip link property del dev "$0" altname "$1" 2>/dev/null; ip link set dev "$0" name "$1"; } && home=$1 && shift && ip link set dev "$home" "$@"' "$(vf enp1s0 0)" "$(was enp1s0 0 name enp1s0v0)" address "$(was enp1s0 0 address)" alias "$(was enp1s0 0 ifalias '')" group "$(was enp1s0 0 netdev_group 0)"; fi
    if ours_netns b; then users b && undone 'sriov.net:7  netns b' ip netns del b; fi
    if ours_netns a; then users a && undone 'sriov.net:6  netns a' ip netns del a; fi
    restore
  }
  undo_all() { # undoes it all and forgets it; tries twice, since what goes with its namespace goes a moment later
    bad=0 && undo
    if ((bad)); then sleep 0.5 && bad=0 && undo; fi
    ((bad == 0)) && rm -rf "$state" && if [[ -e $root ]]; then rmdir --ignore-fail-on-non-empty "$root"; fi # others may be in it
  }
  trap 'tell "FAILED with status $? at $here: $BASH_COMMAND"' EXIT
  if ((EUID)); then tell 'run me as root' && trap - EXIT && exit 1; fi
  root=$(readlink /proc/self/ns/net)
  root=/run/netc/${root//[!0-9]/} state=$root/$lab
  exec 9</proc/self/ns/net
  flock -w 300 9 # one up.sh or down.sh at a time on this host
  boot=$(</proc/sys/kernel/random/boot_id)
  if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
  was='not up' before=$here
  if [[ -e $state ]]; then was=down; fi
  if [[ -e $state/undo ]]; then
    # shellcheck disable=SC1091
    . "$state/undo" # as up.sh made it
  fi
  trap - EXIT && set +e
  if ! undo_all; then tell "the lab $lab is not quite down: run down.sh again" && exit 1; fi
  if [[ $here != "$before" ]]; then was=down; fi
  say "the lab $lab is $was"
  exit 0
}
