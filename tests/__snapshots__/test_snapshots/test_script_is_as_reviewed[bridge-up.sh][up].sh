#!/usr/bin/env bash
# up.sh brings up the lab bridge; netc wrote it from bridge.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device     addresses   joined
#   host   br0        -           bridge
#   host   veth1      -           in br0, to ns1:veth1-ns1
#   host   veth2      -           in br0, to ns2:veth2-ns2
#   ns1    veth1-ns1  1.1.1.1/24  to host:veth1
#   ns2    veth2-ns2  1.1.1.2/24  to host:veth2
#
# The host itself is changed by, until down.sh:
#   sysctl net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call...
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=bridge plan=f76e5e246947f689 made='' refused='' here='bridge.net:2  lab bridge' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 1807801229 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
  renamed() { # COMMAND...: removes links with the lab's mark and alias that have another name than the lab gave them
    local line name
    while IFS= read -r line; do
      name=${line#*: } && name=${name%%[@:]*}
      if [[ $line == *"alias netc $lab "* ]]; then undone "the renamed device $name" "$@" "$name"; fi
    done <<<"$(ip -o link show group 1807801229)"
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
      if [[ ${written[$file]} == *"|$now|"* ]]; then target[$file]=${noted[$file]}; else tell "$file: left at $now, which someone else wrote"; fi
    done
    for _ in 1 2; do # twice: one parameter may change others along
      for file in "${!target[@]}"; do
        now=$(<"$file") && now=${now//$'\t'/ }
        if [[ $now != "${target[$file]}" ]]; then printf '%s\n' "${target[$file]}" >"$file" || bad=1; fi
      done
    done
  }
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_link veth2; then undone 'bridge.net:10  veth veth2-ns2 1.1.1.2/24 -- br0:veth2' ip link del dev veth2; fi
    if ours_link veth1; then undone 'bridge.net:9  veth veth1-ns1 1.1.1.1/24 -- br0:veth1' ip link del dev veth1; fi
    if ours_link br0; then undone 'bridge.net:4  bridge br0' ip link del dev br0; fi
    if ours_netns ns2; then users ns2 && undone 'bridge.net:10  netns ns2' ip netns del ns2; fi
    if ours_netns ns1; then users ns1 && undone 'bridge.net:9  netns ns1' ip netns del ns1; fi
    renamed ip link del dev
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
  if [[ -n $dry ]]; then # bash prints each command and skips it
    trap - EXIT && shopt -s extdebug
    trap 'case $BASH_COMMAND in "[[ -n \$dry ]]" | "exit 0") ;; *) printf "%s\n" "$BASH_COMMAND" && ! : ;; esac' DEBUG
  else # preflight: looks, and changes nothing until it has nothing to refuse
    if ((EUID)); then refuse 'run me as root' && exit 1; fi
    for name in flock ip sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns ns1; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in br0 veth1 veth2; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in ns1 ns2; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 1807801229) ]] || refuse 'there is a device of link group 1807801229, the mark of this lab'
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (bridge.net:4  bridge br0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (bridge.net:9  veth veth1-ns1 1.1.1.1/24 -- br0:veth1)'
    agree bridge.net:4 0 /proc/sys/net/bridge/bridge-nf-call-iptables /proc/sys/net/bridge/bridge-nf-call-ip6tables /proc/sys/net/bridge/bridge-nf-call-arptables
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns users renamed held restore >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'bridge.net:9  netns ns1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc bridge' ns1

  at 'bridge.net:10  netns ns2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc bridge' ns2

  at 'bridge.net:4  bridge br0'
  ip link add name br0 address 02:b7:a4:fa:6a:10 group 1807801229 type bridge
  ip link set dev br0 alias 'netc bridge bridge.net:4'
  note 0 /proc/sys/net/bridge/bridge-nf-call-iptables /proc/sys/net/bridge/bridge-nf-call-ip6tables /proc/sys/net/bridge/bridge-nf-call-arptables
  sysctl -e -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 net.bridge.bridge-nf-call-arptables=0

  at 'bridge.net:9  veth veth1-ns1 1.1.1.1/24 -- br0:veth1'
  ip link add name veth1 group 1807801229 type veth peer name veth1-ns1 group 1807801229 netns ns1
  ip link set dev veth1 alias 'netc bridge bridge.net:9' master br0 up
  ip -n ns1 addr add 1.1.1.1/24 brd + dev veth1-ns1
  ip -n ns1 link set dev veth1-ns1 alias 'netc bridge bridge.net:9' up

  at 'bridge.net:10  veth veth2-ns2 1.1.1.2/24 -- br0:veth2'
  ip link add name veth2 group 1807801229 type veth peer name veth2-ns2 group 1807801229 netns ns2
  ip link set dev veth2 alias 'netc bridge bridge.net:10' master br0 up
  ip -n ns2 addr add 1.1.1.2/24 brd + dev veth2-ns2
  ip -n ns2 link set dev veth2-ns2 alias 'netc bridge bridge.net:10' up

  at 'bridge.net:4  bridge br0'
  ip link set dev br0 up

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  if [[ -e $state/sysctl ]]; then settle; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
