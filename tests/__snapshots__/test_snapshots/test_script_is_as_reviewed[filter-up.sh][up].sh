#!/usr/bin/env bash
# up.sh brings up the lab filter; netc wrote it from filter.net. Run it as root. down.sh undoes it.
# up.sh -q says nothing but errors; up.sh -n prints the commands and runs none.
#
#   netns     device   addresses                 joined
#   firewall  office   10.0.1.1/24 fd00:1::1/64  to desk:eth0
#   firewall  servers  10.0.2.1/24 fd00:2::1/64  to web:eth0
#   firewall  guests   10.0.3.1/24               to phone:eth0
#   desk      eth0     10.0.1.2/24 fd00:1::2/64  to firewall:office
#   web       eth0     10.0.2.2/24 fd00:2::2/64  to firewall:servers
#   phone     eth0     10.0.3.2/24               to firewall:guests
# shellcheck disable=SC2016,SC2043,SC2317,SC2329 # a $ of the lab's own; a loop over one name; functions for traps
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=up.sh quiet='' dry=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; -n) dry=1 ;; *) tell 'usage: up.sh [-q] [-n]' && exit 2 ;; esac
  lab=filter plan=a77aa9cbe42e57fe made='' refused='' here='filter.net:2  lab filter' bad=0
  say() { if [[ -z $quiet ]]; then tell "$*"; fi; }
  at() { here=$1 && if [[ -z $quiet ]]; then printf '%s\n' "$here" >&2 || :; fi; }
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
  undone() { at "$1" && if ! "${@:2}"; then bad=1; fi; }
  undo() { # removes what is there and carries the lab's mark, last made first
    if ours_netns phone; then users phone && undone 'filter.net:24  netns phone' ip netns del phone; fi
    if ours_netns web; then users web && undone 'filter.net:23  netns web' ip netns del web; fi
    if ours_netns desk; then users desk && undone 'filter.net:22  netns desk' ip netns del desk; fi
    if ours_netns firewall; then users firewall && undone 'filter.net:4  netns firewall' ip netns del firewall; fi
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
  if [[ -n $dry ]]; then # bash prints each command and skips it
    trap - EXIT && shopt -s extdebug
    trap 'case $BASH_COMMAND in "[[ -n \$dry ]]" | "exit 0") ;; *) printf "%s\n" "$BASH_COMMAND" && ! : ;; esac' DEBUG
  else # preflight: looks, and changes nothing until it has nothing to refuse
    if ((EUID)); then refuse 'run me as root' && exit 1; fi
    for name in flock ip nft sysctl unshare; do type -P "$name" >/dev/null || refuse "this lab needs the command $name, which is not here"; done
    if ((bad)); then exit 1; fi
    root=$(readlink /proc/self/ns/net)
    root=/run/netc/${root//[!0-9]/} state=$root/$lab
    exec 9</proc/self/ns/net
    flock -w 300 9 # one up.sh or down.sh at a time on this host
    boot=$(</proc/sys/kernel/random/boot_id)
    if [[ -e $state/boot && $(<"$state/boot") != "$boot" ]]; then rm -rf "$state"; fi # it outlived a reboot
    if [[ -e $state/up && $(<"$state/up") == "$plan" ]] && ours_netns firewall; then trap - EXIT && say "the lab $lab is up already" && exit 0; fi
    if [[ -e $state ]]; then refuse "the lab $lab is up as another version of it, or only in part: run down.sh first" && exit 1; fi
    for name in firewall desk web phone; do [[ ! -e /run/netns/$name ]] || refuse "there is a namespace $name, which is not the lab's"; done
    [[ -z $(ip -o link show group 448087355) ]] || refuse 'there is a device of link group 448087355, the mark of this lab'
    unshare --net ip link add name probe type veth || refuse 'this kernel cannot make a veth (filter.net:6  veth office 10.0.1.1/24 fd00:1::1/64 -- desk:eth0 10.0.1.2/24...'
    unshare --net nft 'create table inet netc-filter { comment "netc filter"; }' >/dev/null 2>&1 || refuse 'nft cannot make a table that carries the lab'"'"'s mark: the kernel has no nf_tables, or is older than 5.10 (filter.net:10)'
    if ((bad)); then exit 1; fi
    made=1
    (umask 022 && mkdir -p "$root") # the first change; nobody else may write there, or they could put in an `undo` of theirs
    mkdir -m 700 "$state"
    printf '%s\n' "$boot" >"$state/boot"
    declare -f undo undone ours_netns users >"$state/undo.new"
    mv "$state/undo.new" "$state/undo" # down.sh goes by it, even if its own file has changed by then
  fi

  # --- the lab

  at 'filter.net:4  netns firewall'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc filter' firewall

  at 'filter.net:22  netns desk'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc filter' desk

  at 'filter.net:23  netns web'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc filter' web

  at 'filter.net:24  netns phone'
  unshare --net sh -c 'ip link set dev lo alias "$0" up && exec ip netns attach "$1" $$' 'netc filter' phone

  at 'filter.net:5  forward ipv4 ipv6'
  ip netns exec firewall sysctl -qw net.ipv4.ip_forward=1
  ip netns exec firewall sysctl -qw net.ipv6.conf.all.forwarding=1

  at 'filter.net:6  veth office 10.0.1.1/24 fd00:1::1/64 -- desk:eth0 10.0.1.2/24 fd00:1::2/64'
  ip -n firewall link add name office group 448087355 type veth peer name eth0 group 448087355 netns desk
  ip -n firewall addr add 10.0.1.1/24 brd + dev office
  ip -n firewall addr add fd00:1::1/64 dev office nodad
  ip -n firewall link set dev office alias 'netc filter filter.net:6' up
  ip -n desk addr add 10.0.1.2/24 brd + dev eth0
  ip -n desk addr add fd00:1::2/64 dev eth0 nodad
  ip -n desk link set dev eth0 alias 'netc filter filter.net:6' up

  at 'filter.net:7  veth servers 10.0.2.1/24 fd00:2::1/64 -- web:eth0 10.0.2.2/24 fd00:2::2/64'
  ip -n firewall link add name servers group 448087355 type veth peer name eth0 group 448087355 netns web
  ip -n firewall addr add 10.0.2.1/24 brd + dev servers
  ip -n firewall addr add fd00:2::1/64 dev servers nodad
  ip -n firewall link set dev servers alias 'netc filter filter.net:7' up
  ip -n web addr add 10.0.2.2/24 brd + dev eth0
  ip -n web addr add fd00:2::2/64 dev eth0 nodad
  ip -n web link set dev eth0 alias 'netc filter filter.net:7' up

  at 'filter.net:8  veth guests 10.0.3.1/24 -- phone:eth0 10.0.3.2/24'
  ip -n firewall link add name guests group 448087355 type veth peer name eth0 group 448087355 netns phone
  ip -n firewall addr add 10.0.3.1/24 brd + dev guests
  ip -n firewall link set dev guests alias 'netc filter filter.net:8' up
  ip -n phone addr add 10.0.3.2/24 brd + dev eth0
  ip -n phone link set dev eth0 alias 'netc filter filter.net:8' up

  at 'filter.net:22  route default via 10.0.1.1'
  ip -n desk route add default via 10.0.1.1 dev eth0

  at 'filter.net:22  route default via fd00:1::1'
  ip -n desk -6 route add default via fd00:1::1 dev eth0

  at 'filter.net:23  route default via 10.0.2.1'
  ip -n web route add default via 10.0.2.1 dev eth0

  at 'filter.net:23  route default via fd00:2::1'
  ip -n web -6 route add default via fd00:2::1 dev eth0

  at 'filter.net:24  route default via 10.0.3.1'
  ip -n phone route add default via 10.0.3.1 dev eth0

  at 'filter.net:10  filter forward accept established'
  ip netns exec firewall nft -f - <<'END'
create table inet netc-filter { comment "netc filter"; }
table inet netc-filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ct state established,related accept comment "filter.net:17"
    meta nfproto ipv6 meta l4proto ipv6-icmp accept comment "filter.net:18"
    iifname "office" accept comment "filter.net:19"
    drop comment "filter.net:20"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept comment "filter.net:10"
    iifname "office" accept comment "filter.net:11"
    iifname "guests" oifname "servers" tcp dport { 80, 443 } accept comment "filter.net:12"
    iifname "guests" oifname "servers" meta nfproto ipv4 icmp type echo-request accept comment "filter.net:13"
    iifname "guests" reject comment "filter.net:14"
    drop comment "filter.net:15"
  }
}
END

  # --- it is up
  if [[ -n $dry ]]; then exit 0; fi
  trap '' HUP INT QUIT TERM
  printf '%s\n' "$plan" >"$state/up"
  trap - EXIT && say "the lab $lab is up"
  exit 0
}
