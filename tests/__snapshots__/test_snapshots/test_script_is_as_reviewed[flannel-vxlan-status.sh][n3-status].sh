#!/usr/bin/env bash
# status.sh says of each object of the lab flannel-vxlan on the host n3 whether it is as declared; netc wrote it from flannel-vxlan.net.
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
  object 'flannel-vxlan.net:24  sysctl net.ipv4.ip_forward of n3' 1 1 sysctl -n net.ipv4.ip_forward
  object 'flannel-vxlan.net:25  netns d' 1 'alias netc flannel-vxlan' ip -n d -o link show dev lo
  object 'flannel-vxlan.net:24  address 10.244.3.1/24 of n3:cni0' 1 10.244.3.1/24 ip -o addr show dev cni0
  object 'flannel-vxlan.net:24  bridge n3:cni0' 4 UP 'mtu 1450' '02:7a:a6:a2:13:bb brd' 'group 1599697767' ip -d -o link show dev cni0
  object 'flannel-vxlan.net:24  sysctl net/ipv6/conf/flannel.1/accept_ra' 1 0 sysctl -n net/ipv6/conf/flannel.1/accept_ra
  object 'flannel-vxlan.net:24  address 10.244.3.0/32 of n3:flannel.1' 1 10.244.3.0/32 ip -o addr show dev flannel.1
  object 'flannel-vxlan.net:24  vxlan n3:flannel.1' 8 UP 'mtu 1450' '02:c6:10:61:43:27 brd' 'group 1599697767' 'id 1' 'dstport 8472' 'local 192.168.50.13' nolearning ip -d -o link show dev flannel.1
  object 'flannel-vxlan.net:25  veth n3:d-eth0' 4 UP 'master cni0' 'mtu 1450' 'group 1599697767' ip -d -o link show dev d-eth0
  object 'flannel-vxlan.net:25  bridge_slave n3:d-eth0' 1 'hairpin on' ip -d -o link show dev d-eth0
  object 'flannel-vxlan.net:25  address 10.244.3.2/24 of d:eth0' 1 10.244.3.2/24 ip -n d -o addr show dev eth0
  object 'flannel-vxlan.net:25  veth d:eth0' 3 UP 'mtu 1450' 'group 1599697767' ip -n d -d -o link show dev eth0
  object 'flannel-vxlan.net:24  neighbour 10.244.1.0 of n3:flannel.1' 2 10.244.1.0 'lladdr 02:a5:fb:7b:62:a8' ip -N neigh show to 10.244.1.0 dev flannel.1
  object 'flannel-vxlan.net:24  neighbour 10.244.2.0 of n3:flannel.1' 2 10.244.2.0 'lladdr 02:cf:95:4a:9d:92' ip -N neigh show to 10.244.2.0 dev flannel.1
  object 'flannel-vxlan.net:24  FDB entry 02:a5:fb:7b:62:a8 of n3:flannel.1' 1 '02:a5:fb:7b:62:a8 dst 192.168.50.11' bridge fdb show dev flannel.1
  object 'flannel-vxlan.net:24  FDB entry 02:cf:95:4a:9d:92 of n3:flannel.1' 1 '02:cf:95:4a:9d:92 dst 192.168.50.12' bridge fdb show dev flannel.1
  object 'flannel-vxlan.net:24  route 10.244.1.0/24 of n3' 4 10.244.1.0/24 'via 10.244.1.0' 'dev flannel.1' onlink ip route show exact 10.244.1.0/24 table 254
  object 'flannel-vxlan.net:24  route 10.244.2.0/24 of n3' 4 10.244.2.0/24 'via 10.244.2.0' 'dev flannel.1' onlink ip route show exact 10.244.2.0/24 table 254
  object 'flannel-vxlan.net:25  route default of d' 3 default 'via 10.244.3.1' 'dev eth0' ip -n d route show exact 0.0.0.0/0 table 254
  loaded 'flannel-vxlan.net:24  nftables table netc-flannel-vxlan of n3' 0 nft -s -t list table inet netc-flannel-vxlan <<'END'
create table inet netc-flannel-vxlan { comment "netc flannel-vxlan"; }
table inet netc-flannel-vxlan {
  chain forward {
    type filter hook forward priority filter; policy accept;
    ip saddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
    ip daddr 10.244.0.0/16 accept comment "flannel-vxlan.net:24"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    meta nfproto ipv4 meta mark & 0x4000 == 0x4000 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.3.0/24 ip daddr 10.244.0.0/16 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.3.0/24 return comment "flannel-vxlan.net:24"
    ip saddr 10.244.0.0/16 ip daddr != 224.0.0.0/4 masquerade fully-random comment "flannel-vxlan.net:24"
    ip saddr != 10.244.0.0/16 ip daddr 10.244.0.0/16 masquerade fully-random comment "flannel-vxlan.net:24"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
