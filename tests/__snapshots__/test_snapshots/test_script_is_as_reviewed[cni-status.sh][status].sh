#!/usr/bin/env bash
# status.sh says of each object of the lab cni whether it is as declared; netc wrote it from cni.net.
# Run it as root: it changes nothing. The status is 0 only if everything is there as the lab declares it.
{
  # --- frame: the same text in every lab, explained in docs/scripts.md
  set -Eeuo pipefail
  trap : PIPE
  script=status.sh quiet=''
  tell() { printf '%s: %s\n' "$script" "$*" >&2 || :; }
  case $* in '') ;; -q) quiet=1 ;; *) tell 'usage: status.sh [-q]' && exit 2 ;; esac
  export LC_ALL=C
  fine=0 differ=0 missing=0
  as_declared() { fine=$((fine + 1)) && if [[ -z $quiet ]]; then printf 'ok       %s\n' "$1"; fi; }
  is_missing() { missing=$((missing + 1)) && printf 'missing  %s\n' "$1"; }
  object() { # WHAT COUNT WORDS... COMMAND...: what COMMAND prints must hold the COUNT WORDS
    local out seen wanted lacking=''
    if ! out=$("${@:$2+3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    read -r -d '' -a seen <<<"${out//[<>,\\]/ }" || :
    for wanted in "${@:3:$2}"; do
      if [[ " ${seen[*]} " != *" $wanted "* ]]; then lacking+=" '$wanted'"; fi
    done
    if [[ -n $lacking ]]; then
      differ=$((differ + 1)) && printf 'differs  %s: without%s: %s\n' "$1" "$lacking" "${seen[*]}" && return
    fi
    as_declared "$1"
  }
  loaded() { # WHAT COUNT ENTER... SHOW...: SHOW prints, entered by COUNT words, what it does where standard input is loaded
    local out wanted line lacking='' more=''
    # shellcheck disable=SC2016
    wanted=$(unshare --net sh -c '"$1" -f - && exec "$@"' sh "${@:$2+3}") || :
    if ! out=$("${@:3}" 2>/dev/null) || [[ -z $out ]]; then
      is_missing "$1" && return
    fi
    if [[ $out != "$wanted" ]]; then
      while read -r line; do [[ " $out" == *[[:space:]]"$line"* ]] || lacking+=" '$line'"; done <<<"$wanted"
      while read -r line; do [[ " $wanted" == *[[:space:]]"$line"* ]] || more+=" '$line'"; done <<<"$out"
      if [[ -z $lacking$more ]]; then lacking=' the order' more=' another'; fi
      differ=$((differ + 1)) && printf 'differs  %s: without%s; with%s\n' "$1" "${lacking:- nothing}" "${more:- nothing}" && return
    fi
    as_declared "$1"
  }
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'cni.net:14  sysctl net.ipv4.ip_forward of host' 1 1 sysctl -n net.ipv4.ip_forward
  object 'cni.net:16  sysctl net.ipv6.conf.all.forwarding of host' 1 1 sysctl -n net.ipv6.conf.all.forwarding
  object 'cni.net:18  netns a' 1 'alias netc cni' ip -n a -o link show dev lo
  object 'cni.net:19  netns b' 1 'alias netc cni' ip -n b -o link show dev lo
  object 'cni.net:20  netns c' 1 'alias netc cni' ip -n c -o link show dev lo
  object 'cni.net:21  netns d' 1 'alias netc cni' ip -n d -o link show dev lo
  object 'cni.net:22  netns e' 1 'alias netc cni' ip -n e -o link show dev lo
  object 'cni.net:23  netns f' 1 'alias netc cni' ip -n f -o link show dev lo
  object 'cni.net:14  address 10.88.1.1/24 of host:lab-br0' 1 10.88.1.1/24 ip -o addr show dev lab-br0
  object 'cni.net:14  bridge host:lab-br0' 3 UP '02:ff:86:52:4e:28 brd' 'group 608746684' ip -d -o link show dev lab-br0
  object 'cni.net:15  address 10.90.1.1/24 of host:lab-br1' 1 10.90.1.1/24 ip -o addr show dev lab-br1
  object 'cni.net:15  bridge host:lab-br1' 3 UP '02:c6:12:d6:1d:fb brd' 'group 608746684' ip -d -o link show dev lab-br1
  object 'cni.net:18  veth host:a-eth0' 3 UP 'master lab-br0' 'group 608746684' ip -d -o link show dev a-eth0
  object 'cni.net:18  address 10.88.1.2/24 of a:eth0' 1 10.88.1.2/24 ip -n a -o addr show dev eth0
  object 'cni.net:18  veth a:eth0' 2 UP 'group 608746684' ip -n a -d -o link show dev eth0
  object 'cni.net:19  veth host:b-eth0' 3 UP 'master lab-br0' 'group 608746684' ip -d -o link show dev b-eth0
  object 'cni.net:19  address 10.88.1.9/24 of b:eth0' 1 10.88.1.9/24 ip -n b -o addr show dev eth0
  object 'cni.net:19  veth b:eth0' 2 UP 'group 608746684' ip -n b -d -o link show dev eth0
  object 'cni.net:20  address 10.89.1.1/32 of host:ptp-c' 1 10.89.1.1/32 ip -o addr show dev ptp-c
  object 'cni.net:20  address fd00:89::1/128 of host:ptp-c' 1 fd00:89::1/128 ip -o addr show dev ptp-c
  object 'cni.net:20  veth host:ptp-c' 2 UP 'group 608746684' ip -d -o link show dev ptp-c
  object 'cni.net:20  address 10.89.1.2/32 of c:eth0' 1 10.89.1.2/32 ip -n c -o addr show dev eth0
  object 'cni.net:20  address fd00:89::2/128 of c:eth0' 1 fd00:89::2/128 ip -n c -o addr show dev eth0
  object 'cni.net:20  veth c:eth0' 2 UP 'group 608746684' ip -n c -d -o link show dev eth0
  object 'cni.net:21  address 10.89.1.1/32 of host:ptp-d' 1 10.89.1.1/32 ip -o addr show dev ptp-d
  object 'cni.net:21  address fd00:89::1/128 of host:ptp-d' 1 fd00:89::1/128 ip -o addr show dev ptp-d
  object 'cni.net:21  veth host:ptp-d' 3 UP 'mtu 1400' 'group 608746684' ip -d -o link show dev ptp-d
  object 'cni.net:21  address 10.89.1.3/32 of d:eth0' 1 10.89.1.3/32 ip -n d -o addr show dev eth0
  object 'cni.net:21  address fd00:89::3/128 of d:eth0' 1 fd00:89::3/128 ip -n d -o addr show dev eth0
  object 'cni.net:21  veth d:eth0' 3 UP 'mtu 1400' 'group 608746684' ip -n d -d -o link show dev eth0
  object 'cni.net:22  veth host:e-eth0' 3 UP 'master lab-br1' 'group 608746684' ip -d -o link show dev e-eth0
  object 'cni.net:22  bridge_slave host:e-eth0' 1 'isolated on' ip -d -o link show dev e-eth0
  object 'cni.net:22  address 10.90.1.2/24 of e:eth0' 1 10.90.1.2/24 ip -n e -o addr show dev eth0
  object 'cni.net:22  veth e:eth0' 2 UP 'group 608746684' ip -n e -d -o link show dev eth0
  object 'cni.net:23  veth host:f-eth0' 3 UP 'master lab-br1' 'group 608746684' ip -d -o link show dev f-eth0
  object 'cni.net:23  bridge_slave host:f-eth0' 1 'isolated on' ip -d -o link show dev f-eth0
  object 'cni.net:23  address 10.90.1.3/24 of f:eth0' 1 10.90.1.3/24 ip -n f -o addr show dev eth0
  object 'cni.net:23  veth f:eth0' 2 UP 'group 608746684' ip -n f -d -o link show dev eth0
  object 'cni.net:20  route 10.89.1.1 of c' 4 10.89.1.1 'dev eth0' 'scope link' 'src 10.89.1.2' ip -n c route show exact 10.89.1.1/32 table 254
  object 'cni.net:20  route fd00:89::1 of c' 4 fd00:89::1 'dev eth0' 'metric 1024' 'src fd00:89::2' ip -n c -6 route show exact fd00:89::1/128 table 254
  object 'cni.net:20  route 10.89.1.2 of host' 2 10.89.1.2 'dev ptp-c' ip route show exact 10.89.1.2/32 table 254
  object 'cni.net:20  route fd00:89::2 of host' 3 fd00:89::2 'dev ptp-c' 'metric 1024' ip -6 route show exact fd00:89::2/128 table 254
  object 'cni.net:21  route 10.89.1.1 of d' 4 10.89.1.1 'dev eth0' 'scope link' 'src 10.89.1.3' ip -n d route show exact 10.89.1.1/32 table 254
  object 'cni.net:21  route fd00:89::1 of d' 4 fd00:89::1 'dev eth0' 'metric 1024' 'src fd00:89::3' ip -n d -6 route show exact fd00:89::1/128 table 254
  object 'cni.net:21  route 10.89.1.3 of host' 2 10.89.1.3 'dev ptp-d' ip route show exact 10.89.1.3/32 table 254
  object 'cni.net:21  route fd00:89::3 of host' 3 fd00:89::3 'dev ptp-d' 'metric 1024' ip -6 route show exact fd00:89::3/128 table 254
  object 'cni.net:18  route default of a' 3 default 'via 10.88.1.1' 'dev eth0' ip -n a route show exact 0.0.0.0/0 table 254
  object 'cni.net:19  route default of b' 3 default 'via 10.88.1.1' 'dev eth0' ip -n b route show exact 0.0.0.0/0 table 254
  object 'cni.net:20  route 10.89.1.0/24 of c' 4 10.89.1.0/24 'via 10.89.1.1' 'dev eth0' 'src 10.89.1.2' ip -n c route show exact 10.89.1.0/24 table 254
  object 'cni.net:20  route default of c' 3 default 'via 10.89.1.1' 'dev eth0' ip -n c route show exact 0.0.0.0/0 table 254
  object 'cni.net:20  route fd00:89::/64 of c' 5 fd00:89::/64 'via fd00:89::1' 'dev eth0' 'metric 1024' 'src fd00:89::2' ip -n c -6 route show exact fd00:89::/64 table 254
  object 'cni.net:20  route default of c' 4 default 'via fd00:89::1' 'dev eth0' 'metric 1024' ip -n c -6 route show exact ::/0 table 254
  object 'cni.net:21  route 10.89.1.0/24 of d' 4 10.89.1.0/24 'via 10.89.1.1' 'dev eth0' 'src 10.89.1.3' ip -n d route show exact 10.89.1.0/24 table 254
  object 'cni.net:21  route default of d' 3 default 'via 10.89.1.1' 'dev eth0' ip -n d route show exact 0.0.0.0/0 table 254
  object 'cni.net:21  route fd00:89::/64 of d' 5 fd00:89::/64 'via fd00:89::1' 'dev eth0' 'metric 1024' 'src fd00:89::3' ip -n d -6 route show exact fd00:89::/64 table 254
  object 'cni.net:21  route default of d' 4 default 'via fd00:89::1' 'dev eth0' 'metric 1024' ip -n d -6 route show exact ::/0 table 254
  object 'cni.net:22  route default of e' 3 default 'via 10.90.1.1' 'dev eth0' ip -n e route show exact 0.0.0.0/0 table 254
  object 'cni.net:23  route default of f' 3 default 'via 10.90.1.1' 'dev eth0' ip -n f route show exact 0.0.0.0/0 table 254
  loaded 'cni.net:14  nftables table netc-cni of host' 0 nft -s -t list table inet netc-cni <<'END'
create table inet netc-cni { comment "netc cni"; }
table inet netc-cni {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.88.1.0/24 ip daddr 10.88.1.0/24 return comment "cni.net:14"
    ip saddr 10.88.1.0/24 ip daddr != 224.0.0.0/4 masquerade comment "cni.net:14"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
