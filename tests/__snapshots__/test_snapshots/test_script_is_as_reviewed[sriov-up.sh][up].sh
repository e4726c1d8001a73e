#!/usr/bin/env bash
# up.sh brings up the lab sriov; netc wrote it from sriov.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses        joined
#   host   enp1s0  192.168.7.1/24   the host's own
#   a      eth0    192.168.7.11/24  on host:enp1s0
#   b      eth0    192.168.7.12/24  on host:enp1s0
#
# The host itself is changed by, until down.sh:
#   /sys/class/net/enp1s0/device/sriov_numvfs 2  (sriov.net:4)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=sriov plan=7d3b468dba390bc6 made='' refused='' here='sriov.net:2  lab sriov' bad=0
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
  finish() { # STATUS COMMAND: the way out of whatever goes wrong: tells it, and undoes what was done
    trap '' HUP INT QUIT TERM && trap - EXIT && set +e
    if [[ -z $refused ]]; then tell "FAILED with status $1 at $here: $2"; fi
    if [[ -n $made ]] && ! undo_all; then tell 'not all of it could be undone: run down.sh'; fi
    exit "$1"
  }
  trap 'finish $? "$BASH_COMMAND"' EXIT
  trap 'exit 129' HUP && trap 'exit 130' INT && trap 'exit 131' QUIT && trap 'exit 143' TERM
  refuse() { bad=1 refused=1 && tell "$*"; }
  declare -A old=()
  note() { # WANTED FILE...: notes what each FILE holds before a step makes it WANTED
    local file was
    for file in "${@:2}"; do
      # what is written to `default` reaches devices, but not `all`; what a step before noted stays
      if [[ ! -e $file || $2 == */default/* && $file == */all/* ]]; then continue; fi
      if [[ -z ${old[$file]+noted} ]]; then
        if was=$(held "$file"); then old[$file]=${was#*|}; else old[$file]=$(<"$file"); fi
      fi
      printf '%s\n' "$1|${old[$file]//$'\t'/ }|$file" >>"$state/sysctl"
    done
  }
  settle() { # at the end: what did not change along is not the lab's, and what did is as it is now
    local wanted old file now
    while IFS='|' read -r wanted old file; do
      if [[ ! -e $file ]]; then continue; fi
      now=$(<"$file") && now=${now//$'\t'/ }
      if [[ $now == "$wanted" || $now != "$old" ]]; then printf '%s\n' "$now|$old|$file"; fi
    done <"$state/sysctl" >"$state/sysctl.new"
    mv "$state/sysctl.new" "$state/sysctl"
  }
  agree() { # PLACE WANTED FILE...: refuses where another lab holds one of the FILEs at something else than WANTED
    local file as
    for file in "${@:3}"; do
      if [[ -e $file ]] && as=$(held "$file") && [[ ${as%%|*} != "$2" ]]; then
        refuse "another lab that is up wants $file otherwise ($1)"
      fi
    done
  }
  borrow() { # PF INDEX: waits for a virtual function's device, and notes how it is before the lab changes it
    local nic='' settings pattern address try
    for try in {1..50}; do
      if nic=$(vf "$1" "$2"); then break; fi
      sleep 0.1
    done
    if [[ -z $nic ]]; then tell "virtual function $2 of $1 has no device after $try tries" && return 1; fi
    if type -P udevadm >/dev/null; then udevadm settle -t 5 || :; fi # it renames new devices
    nic=/sys/class/net/$(vf "$1" "$2")
    settings=$(ip -o link show dev "$1")
    settings=${settings#*" vf $2 "} && settings=${settings%%\\*}
    for pattern in mac='link/ether ([0-9a-f:]+)' vlan='vlan ([0-9]+)' qos='qos ([0-9]+)' proto='protocol ([^ ,]+)' \
      max_tx_rate='max_tx_rate ([0-9]+)' min_tx_rate='min_tx_rate ([0-9]+)' \
      spoofchk='spoof checking (on|off)' trust='trust (on|off)' state='link-state ([a-z]+)'; do
      if [[ $settings =~ ${pattern#*=} ]]; then printf '%s|%s\n' "$1/$2/${pattern%%=*}" "${BASH_REMATCH[1]}" >>"$state/nics"; fi
    done
    for pattern in mtu netdev_group ifalias; do printf '%s|%s\n' "$1/$2/$pattern" "$(<"$nic/$pattern")" >>"$state/nics"; done
    address=$(<"$nic/address") # or else what the NIC has for it, which it takes when it goes up
    if [[ $settings =~ link/ether\ ([0-9a-f:]+) && ${BASH_REMATCH[1]} != 00:00:00:00:00:00 ]]; then address=${BASH_REMATCH[1]}; fi
    printf '%s|%s\n' "$1/$2/address" "$address" "$1/$2/name" "${nic##*/}" >>"$state/nics"
  }
  if [[ -n $dry ]]; then # bash prints each command and skips it
    trap - EXIT && shopt -s extdebug
    trap 'case $BASH_COMMAND in "[[ -n \$dry ]]" | "exit 0") ;; *) printf "%s\n" "$BASH_COMMAND" && ! : ;; esac' DEBUG
  else # preflight: looks, and changes nothing until it has nothing to refuse
    if ((EUID)); then refuse 'run me as root' && exit 1; fi
    for name in flock ip sh unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns a; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    if [[ $links == *': enp1s0'[@:]* ]]; then
      ours '*inet* 192.168.7.1/24 *' ip -o addr show dev enp1s0 || refuse 'the uplink enp1s0 has not the address 192.168.7.1/24 (sriov.net:4)'
    else
      refuse 'there is no uplink enp1s0 on this host (sriov.net:4)'
    fi
    for name in a b; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1700260118) ]] || refuse 'there is a device of link group 1700260118, the mark of this lab'
    sh -c '[ "$(cat "$0")" -ge "$1" ]' /sys/class/net/enp1s0/device/sriov_totalvfs 2 >/dev/null 2>&1 || refuse 'enp1s0 cannot have 2 virtual functions: see its sriov_totalvfs (sriov.net:4)'
    resizable enp1s0 2 >/dev/null 2>&1 || refuse 'enp1s0 has another number of virtual functions, and one of them is up or in another namespace (sriov.net:4)'
    sh -c '[ $(($(cat "$0") % 2)) = 1 ]' /sys/class/net/enp1s0/flags >/dev/null 2>&1 || refuse 'enp1s0 is down: its virtual functions would have no carrier (sriov.net:6)'
    idle enp1s0 0 >/dev/null 2>&1 || refuse 'virtual function 0 of enp1s0 is used: it is up or in another namespace (sriov.net:6)'
    idle enp1s0 1 >/dev/null 2>&1 || refuse 'virtual function 1 of enp1s0 is used: it is up or in another namespace (sriov.net:7)'
    agree sriov.net:4 2 /sys/class/net/enp1s0/device/sriov_numvfs
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users held restore vf idle resizable borrowed was >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'sriov.net:4  uplink enp1s0 192.168.7.1/24'
  note 2 /sys/class/net/enp1s0/device/sriov_numvfs
  sh -c '[ "$(cat "$0")" = "$1" ] || { echo 0 >"$0" && echo "$1" >"$0"; }' /sys/class/net/enp1s0/device/sriov_numvfs 2

  at 'sriov.net:6  netns a'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc sriov' a

  at 'sriov.net:7  netns b'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc sriov' b

  at 'sriov.net:6  vf eth0 192.168.7.11/24 on enp1s0'
  borrow enp1s0 0
  ip link set dev "$(vf enp1s0 0)" group 1700260118
  sh -c 'ip link set dev "$0" vf "$1" mac "$2" && ip link set dev "$3" up && ip link set dev "$3" down' enp1s0 0 02:00:00:00:07:11 "$(vf enp1s0 0)"
  ip link set dev enp1s0 vf 0 spoofchk on
  ip link set dev "$(vf enp1s0 0)" netns a name eth0
  ip -n a link set dev eth0 address 02:00:00:00:07:11
  ip -n a addr add 192.168.7.11/24 brd + dev eth0
  ip -n a link set dev eth0 alias 'netc sriov sriov.net:6' up

  at 'sriov.net:7  vf eth0 192.168.7.12/24 on enp1s0'
  borrow enp1s0 1
  ip link set dev "$(vf enp1s0 1)" group 1700260118
  sh -c 'ip link set dev "$0" vf "$1" mac "$2" && ip link set dev "$3" up && ip link set dev "$3" down' enp1s0 1 02:00:00:00:07:12 "$(vf enp1s0 1)"
  ip link set dev "$(vf enp1s0 1)" netns b name eth0
  ip -n b link set dev eth0 address 02:00:00:00:07:12 mtu 1400
  ip -n b addr add 192.168.7.12/24 brd + dev eth0
  ip -n b link set dev eth0 alias 'netc sriov sriov.net:7' up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  if [[ -e $state/sysctl ]]; then settle; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
