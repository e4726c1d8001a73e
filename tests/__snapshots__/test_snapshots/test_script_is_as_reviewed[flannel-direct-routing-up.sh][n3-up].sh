#!/usr/bin/env bash
# up.sh brings up the lab flannel-direct-routing on the host n3; netc wrote it from flannel-direct-routing.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device     addresses         joined
#   n3     eth0       192.168.60.13/24  the host's own, on west
#   n3     cni0       10.244.3.1/24     bridge
#   n3     flannel.1  10.244.3.0/32     on n3:eth0
#   n3     c-eth0     -                 in cni0, to c:eth0
#   c      eth0       10.244.3.2/24     to n3:c-eth0
#
# The host itself is changed by, until down.sh:
#   sysctl net.ipv4.ip_forward=1  (flannel-direct-routing.net:27)
#   ip route add 192.168.50.0/24 via 192.168.60.1 dev eth0 proto 220  (flannel-direct-routing.net:26)
#   ip route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink proto 220  (flannel-direct-routing.net:27)
#   ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink proto 220  (flannel-direct-routing.net:27)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=flannel-direct-routing plan=6f88b84ac100e7b6 made='' refused='' here='flannel-direct-routing.net:3  lab flannel-direct-routing' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
  ours_link() { # LINK: whether there is one of that name that carries the lab's mark, its group
    local seen
    seen=$(ip -o link show dev "$1" group 631835757 2>&1) || if [[ $seen != *'does not exist'* ]]; then bad=1 && tell "$seen"; fi
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
  renamed() { # COMMAND...: removes links with the lab's mark and alias that have another name than the lab gave them
    local line name
    while IFS= read -r line; do
      name=${line#*: } && name=${name%%[@:]*}
      if [[ $line == *"alias netc $lab "* ]]; then undone "the renamed device $name" "$@" "$name"; fi
    done <<<"$(ip -o link show group 631835757)"
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
    if ours '192.168.50.0/24 !(*metric *)' ip -N route show table main proto 220; then undone 'flannel-direct-routing.net:26  route 192.168.50.0/24 via 192.168.60.1' ip route del 192.168.50.0/24 via 192.168.60.1 dev eth0 proto 220; fi
    if ours_link c-eth0; then undone 'flannel-direct-routing.net:28  veth eth0 10.244.3.2/24 -- cni0' ip link del dev c-eth0; fi
    if ours_link flannel.1; then undone 'flannel-direct-routing.net:27  vxlan flannel.1 10.244.3.0/32 on eth0' ip link del dev flannel.1; fi
    if ours_link cni0; then undone 'flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24' ip link del dev cni0; fi
    if ours_netns c; then users c && undone 'flannel-direct-routing.net:28  netns c' ip netns del c; fi
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
    for name in bridge flock ip sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns c; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    links=$(ip -o link show)
    for name in cni0 flannel.1 c-eth0; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    if [[ $links == *': eth0'[@:]* ]]; then
      ours '*inet* 192.168.60.13/24 *' ip -o addr show dev eth0 || refuse 'the uplink eth0 has not the address 192.168.60.13/24: is this the host n3? (flannel-direct-routing.net:25)'
    else
      refuse 'there is no uplink eth0 on this host: is this the host n3? (flannel-direct-routing.net:25)'
    fi
    for name in c; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 631835757) ]] || refuse 'there is a device of link group 631835757, the mark of this lab'
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.244.3.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.244.3.0/24, which is not the lab'"'"'s (flannel-direct-routing.net:27)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.50.0/24 *' ip -N route show table main; then refuse 'there is a route to 192.168.50.0/24, which is not the lab'"'"'s (flannel-direct-routing.net:26)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.244.1.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.244.1.0/24, which is not the lab'"'"'s (flannel-direct-routing.net:27)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )10.244.2.0/24 *' ip -N route show table main; then refuse 'there is a route to 10.244.2.0/24, which is not the lab'"'"'s (flannel-direct-routing.net:27)'; fi
    unshare --net ip link add name probe type bridge || refuse 'this kernel cannot make a bridge (flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24)'
    unshare --net ip link add name probe type vxlan id 1 dstport 4789 || refuse 'this kernel cannot make a vxlan (flannel-direct-routing.net:27  vxlan flannel.1 10.244.3.0/32 on eth0)'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (flannel-direct-routing.net:28  veth eth0 10.244.3.2/24 -- cni0)'
    agree flannel-direct-routing.net:27 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
    agree flannel-direct-routing.net:27 0 /proc/sys/net/ipv4/conf/all/accept_redirects
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_link ours_netns ours users renamed held restore >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'flannel-direct-routing.net:27  forward ipv4'
  note 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
  note 0 /proc/sys/net/ipv4/conf/all/accept_redirects
  sysctl -qw net.ipv4.ip_forward=1

  at 'flannel-direct-routing.net:28  netns c'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc flannel-direct-routing' c

  at 'flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24'
  ip link add name cni0 address 02:ad:3e:98:cc:06 mtu 1450 group 631835757 type bridge
  ip addr add 10.244.3.1/24 brd + dev cni0
  ip link set dev cni0 alias 'netc flannel-direct-routing flannel-direct-routing.net:27'

  at 'flannel-direct-routing.net:27  vxlan flannel.1 10.244.3.0/32 on eth0'
  ip link add name flannel.1 address 02:c6:10:61:43:27 mtu 1450 group 631835757 type vxlan id 1 dstport 8472 local 192.168.60.13 nolearning dev eth0
  sysctl -qw net/ipv6/conf/flannel.1/accept_ra=0
  ip addr add 10.244.3.0/32 dev flannel.1
  ip link set dev flannel.1 alias 'netc flannel-direct-routing flannel-direct-routing.net:27' up

  at 'flannel-direct-routing.net:28  veth eth0 10.244.3.2/24 -- cni0'
  ip link add name c-eth0 mtu 1450 group 631835757 type veth peer name eth0 mtu 1450 group 631835757 netns c
  ip link set dev c-eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:28' master cni0 up
  ip link set dev c-eth0 type bridge_slave hairpin on
  ip -n c addr add 10.244.3.2/24 brd + dev eth0
  ip -n c link set dev eth0 alias 'netc flannel-direct-routing flannel-direct-routing.net:28' up

  at 'flannel-direct-routing.net:27  bridge cni0 10.244.3.1/24'
  ip link set dev cni0 mtu 1450 up

  at 'flannel-direct-routing.net:27  neigh 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1'
  ip neigh replace 10.244.1.0 lladdr 02:a5:fb:7b:62:a8 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:27  neigh 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1'
  ip neigh replace 10.244.2.0 lladdr 02:cf:95:4a:9d:92 dev flannel.1 nud permanent

  at 'flannel-direct-routing.net:27  fdb 02:a5:fb:7b:62:a8 dst 192.168.50.11 dev flannel.1'
  bridge fdb replace 02:a5:fb:7b:62:a8 dev flannel.1 dst 192.168.50.11 self permanent

  at 'flannel-direct-routing.net:27  fdb 02:cf:95:4a:9d:92 dst 192.168.50.12 dev flannel.1'
  bridge fdb replace 02:cf:95:4a:9d:92 dev flannel.1 dst 192.168.50.12 self permanent

  at 'flannel-direct-routing.net:26  route 192.168.50.0/24 via 192.168.60.1'
  ip route add 192.168.50.0/24 via 192.168.60.1 dev eth0 proto 220

  at 'flannel-direct-routing.net:27  route 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink'
  ip route add 10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink proto 220

  at 'flannel-direct-routing.net:27  route 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink'
  ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink proto 220

  at 'flannel-direct-routing.net:28  route default via 10.244.3.1'
  ip -n c route add default via 10.244.3.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  if [[ -e $state/sysctl ]]; then settle; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
