#!/usr/bin/env bash
# up.sh brings up the lab proxy-arp; netc wrote it from proxy-arp.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns  device  addresses         joined
#   host   veth1   -                 to ns1:eth0
#   host   veth2   -                 to ns2:eth0
#   ns1    eth0    192.168.100.1/32  to host:veth1
#   ns2    eth0    192.168.100.2/32  to host:veth2
#
# The host itself is changed by, until down.sh:
#   sysctl net.ipv4.ip_forward=1  (proxy-arp.net:4)
#   ip route add 169.254.1.1 dev lo proto 219  (proxy-arp.net:5)
#   ip route add 192.168.100.1 dev veth1 proto 219  (proxy-arp.net:17)
#   ip route add 192.168.100.2 dev veth2 proto 219  (proxy-arp.net:18)
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  umask 077
  export LC_ALL=C
  trap '' PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  plan=26a074fc9a205ece refused='' made=''
  lab=proxy-arp here='proxy-arp.net:2  lab proxy-arp' bad=0
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2; fi; }
  place() { # finds the lab's state folder, and waits its turn: one up.sh or down.sh at a time on this host
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/}
    state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
  }
  forget() { # removes the lab's own folder; other labs may have theirs beside it
    rm -rf "$state" && if [[ -e $root ]]; then rmdir --ignore-fail-on-non-empty "$root"; fi
  }
  ours() { # PATTERN COMMAND...: whether a line that COMMAND prints matches
    local line lines
    lines=$("${@:2}") || { bad=1 && tell "at $here: this failed: ${*:2}"; }
    while IFS= read -r line; do
      # shellcheck disable=SC2053
      if [[ $line == $1 ]]; then return 0; fi
    done <<<"$lines"
    return 1
  }
  ours_netns() { # NETNS: whether it is there and carries the lab's mark, the alias of its lo
    local seen
    if [[ ! -e /run/netns/$1 ]]; then return 1; fi
    if seen=$(ip -o -n "$1" link show dev lo 2>/dev/null); then
      [[ $seen == *"alias netc $lab" ]]
    else # a name without a namespace was left by a killed `ip netns attach`; a namespace could not be looked into
      seen=$(stat -f -c %T "/run/netns/$1") || seen=nsfs
      if [[ $seen == nsfs ]]; then bad=1; fi
      [[ $seen != nsfs && -e $state ]]
    fi
  }
  users() { # NETNS: names the processes of others that are in it
    local pid
    for pid in $(ip netns pids "$1"); do tell "process $pid, which is not the lab's, is still in $1: left alone"; done
  }
  first() { # FILE NOTES: prints what NOTES first say of FILE, as WANTED|OLD
    local file rest
    while IFS='|' read -r file rest; do
      if [[ $file == "$1" ]]; then printf '%s\n' "$rest" && return 0; fi
    done <"$2"
    return 1
  }
  held() { # FILE: prints what another lab that is up noted of FILE
    local other
    for other in "$root"/*/sysctl; do
      if [[ $other != "$state/sysctl" && -e $other ]] && first "$1" "$other"; then return 0; fi
    done
    return 1
  }
  restore() { # writes back what note noted, unless another lab needs it or someone else has changed it
    local file wanted old now
    local -A noted=() written=() target=()
    if [[ ! -e $state/sysctl ]]; then return 0; fi
    while IFS='|' read -r file wanted old; do
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
  undo() { # removes what is there and carries the lab's mark, last made first
    :
    if ours '169.254.1.1 *' ip -N route show table main proto 219; then
      at 'proxy-arp.net:5  route 169.254.1.1/32 dev lo'
      ip route del 169.254.1.1 dev lo proto 219 || bad=1
    fi
    if ours '*: veth2[@:]*' ip -N -o link show group 1790168620; then
      at 'proxy-arp.net:13  veth eth0 192.168.100.2/32 -- host:veth2'
      ip link del dev veth2 || bad=1
    fi
    if ours '*: veth1[@:]*' ip -N -o link show group 1790168620; then
      at 'proxy-arp.net:8  veth eth0 192.168.100.1/32 -- host:veth1'
      ip link del dev veth1 || bad=1
    fi
    if ours_netns ns2; then
      at 'proxy-arp.net:12  netns ns2'
      users ns2
      ip netns del ns2 || bad=1
    fi
    if ours_netns ns1; then
      at 'proxy-arp.net:7  netns ns1'
      users ns1
      ip netns del ns1 || bad=1
    fi
    restore
  }
  finish() { # STATUS COMMAND: the way out of whatever goes wrong: tells it, and undoes what was done
    trap '' HUP INT QUIT TERM && trap - EXIT && set +e
    if [[ -z $refused ]]; then tell "FAILED with status $1 at $here: $2"; fi
    if [[ -n $made ]]; then
      bad=0 && undo
      if ((bad)); then sleep 0.5 && bad=0 && undo; fi # what goes with its namespace goes a moment later
      if ((bad)); then tell 'not all of it could be undone: run down.sh'; else forget; fi
    fi
    exit "$1"
  }
  trap 'finish $? "$BASH_COMMAND"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 131' QUIT
  trap 'exit 143' TERM
  refuse() { bad=1 refused=1 && tell "$*"; }
  note() { # WANTED FILE...: notes what each FILE holds before a step makes it WANTED
    local file old
    for file in "${@:2}"; do
      if [[ ! -e $file ]]; then continue; fi
      if [[ -e $state/sysctl ]] && old=$(first "$file" "$state/sysctl"); then
        old=${old#*|} # a step before noted it
      elif old=$(held "$file"); then
        old=${old#*|}
      else
        old=$(<"$file")
      fi
      printf '%s|%s|%s\n' "$file" "$1" "${old//$'\t'/ }" >>"$state/sysctl"
    done
  }
  preflight() { # looks, and changes nothing until it has nothing to refuse
    local name links wanted tool
    if ((EUID)); then refuse 'run me as root'; fi
    for tool in flock ip sysctl unshare; do
      type -P "$tool" >/dev/null || refuse "this lab needs the command $tool, which is not here"
    done
    if ((bad)); then exit 1; fi
    place
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns ns1; then
      if [[ -z $quiet ]]; then tell "the lab $lab is up already"; fi
      trap - EXIT && exit 0
    elif [[ -e $state ]]; then
      refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1
    fi
    links=$(ip -o link show)
    for name in veth1 veth2; do
      if [[ $links$'\n' =~ (': '|'altname ')"$name"[@:\\$'\n'] ]]; then refuse "there is a device $name, which is not the lab's"; fi
    done
    for name in ns1 ns2; do
      if [[ -e /run/netns/$name ]]; then refuse "there is a namespace $name, which is not the lab's"; fi
    done
    if ours '?*' ip -o link show group 1790168620; then refuse 'there is a device of link group 1790168620, which is not the lab'"'"'s (proxy-arp.net:8)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )169.254.1.1 *' ip -N route show table main; then refuse 'there is a route to 169.254.1.1, which is not the lab'"'"'s (proxy-arp.net:5)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.1 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.1, which is not the lab'"'"'s (proxy-arp.net:17)'; fi
    if ours '@(|blackhole |unreachable |prohibit |throw |[6-9] )192.168.100.2 *' ip -N route show table main; then refuse 'there is a route to 192.168.100.2, which is not the lab'"'"'s (proxy-arp.net:18)'; fi
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (proxy-arp.net:8  veth eth0 192.168.100.1/32 -- host:veth1)'
    if wanted=$(held /proc/sys/net/ipv4/ip_forward) && [[ ${wanted%%|*} != 1 ]]; then refuse 'another lab that is up wants /proc/sys/net/ipv4/ip_forward otherwise (proxy-arp.net:4)'; fi
    if ((bad)); then exit 1; fi
    made=1 # before the first change
    mkdir -p "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo ours ours_netns users first held restore >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  }
  if [[ -n $dry ]]; then # bash prints each command and skips it
    trap - EXIT && shopt -s extdebug
    trap 'case $BASH_COMMAND in "[[ -n \$dry ]]" | "exit 0") ;; *) printf "%s\n" "$BASH_COMMAND" && ! : ;; esac' DEBUG
  else
    preflight
  fi

  # --- the lab

  at 'proxy-arp.net:4  forward ipv4'
  note 1 /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding
  note 0 /proc/sys/net/ipv4/conf/all/accept_redirects
  sysctl -qw net.ipv4.ip_forward=1

  at 'proxy-arp.net:7  netns ns1'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc proxy-arp' ns1

  at 'proxy-arp.net:12  netns ns2'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc proxy-arp' ns2

  at 'proxy-arp.net:8  veth eth0 192.168.100.1/32 -- host:veth1'
  ip link add name veth1 group 1790168620 type veth peer name eth0 group 1790168620 netns ns1
  sysctl -qw net.ipv4.conf.veth1.proxy_arp=1
  ip link set dev veth1 alias 'netc proxy-arp proxy-arp.net:8' up
  ip -n ns1 addr add 192.168.100.1/32 dev eth0
  ip -n ns1 link set dev eth0 alias 'netc proxy-arp proxy-arp.net:8' up

  at 'proxy-arp.net:13  veth eth0 192.168.100.2/32 -- host:veth2'
  ip link add name veth2 group 1790168620 type veth peer name eth0 group 1790168620 netns ns2
  sysctl -qw net.ipv4.conf.veth2.proxy_arp=1
  ip link set dev veth2 alias 'netc proxy-arp proxy-arp.net:13' up
  ip -n ns2 addr add 192.168.100.2/32 dev eth0
  ip -n ns2 link set dev eth0 alias 'netc proxy-arp proxy-arp.net:13' up

  at 'proxy-arp.net:5  route 169.254.1.1/32 dev lo'
  ip route add 169.254.1.1 dev lo proto 219

  at 'proxy-arp.net:9  route 169.254.1.1 dev eth0 scope link'
  ip -n ns1 route add 169.254.1.1 dev eth0 scope link

  at 'proxy-arp.net:14  route 169.254.1.1 dev eth0 scope link'
  ip -n ns2 route add 169.254.1.1 dev eth0 scope link

  at 'proxy-arp.net:17  route 192.168.100.1/32 dev veth1'
  ip route add 192.168.100.1 dev veth1 proto 219

  at 'proxy-arp.net:18  route 192.168.100.2/32 dev veth2'
  ip route add 192.168.100.2 dev veth2 proto 219

  at 'proxy-arp.net:10  route default via 169.254.1.1 dev eth0'
  ip -n ns1 route add default via 169.254.1.1 dev eth0

  at 'proxy-arp.net:15  route default via 169.254.1.1 dev eth0'
  ip -n ns2 route add default via 169.254.1.1 dev eth0

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT
  if [[ -z $quiet ]]; then tell "the lab $lab is up"; fi
  exit 0
}
