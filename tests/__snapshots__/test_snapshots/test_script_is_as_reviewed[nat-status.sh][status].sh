#!/usr/bin/env bash
# status.sh says of each object of the lab nat whether it is as declared; netc wrote it from nat.net.
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
  object 'nat.net:6  netns router' 1 'alias netc nat' ip -n router -o link show dev lo
  object 'nat.net:21  netns client' 1 'alias netc nat' ip -n client -o link show dev lo
  object 'nat.net:22  netns server' 1 'alias netc nat' ip -n server -o link show dev lo
  object 'nat.net:23  netns outside' 1 'alias netc nat' ip -n outside -o link show dev lo
  object 'nat.net:7  sysctl net.ipv4.ip_forward of router' 1 1 ip netns exec router sysctl -n net.ipv4.ip_forward
  object 'nat.net:8  address 192.168.1.1/24 of router:lan' 1 192.168.1.1/24 ip -n router -o addr show dev lan
  object 'nat.net:8  bridge router:lan' 3 UP '02:9f:c7:5c:62:eb brd' 'group 1197478358' ip -n router -d -o link show dev lan
  object 'nat.net:9  address 203.0.113.2/24 of router:wan' 1 203.0.113.2/24 ip -n router -o addr show dev wan
  object 'nat.net:9  veth router:wan' 2 UP 'group 1197478358' ip -n router -d -o link show dev wan
  object 'nat.net:9  address 203.0.113.1/24 of outside:eth0' 1 203.0.113.1/24 ip -n outside -o addr show dev eth0
  object 'nat.net:9  veth outside:eth0' 2 UP 'group 1197478358' ip -n outside -d -o link show dev eth0
  object 'nat.net:21  address 192.168.1.10/24 of client:eth0' 1 192.168.1.10/24 ip -n client -o addr show dev eth0
  object 'nat.net:21  veth client:eth0' 2 UP 'group 1197478358' ip -n client -d -o link show dev eth0
  object 'nat.net:21  veth router:client-eth0' 3 UP 'master lan' 'group 1197478358' ip -n router -d -o link show dev client-eth0
  object 'nat.net:22  address 192.168.1.20/24 of server:eth0' 1 192.168.1.20/24 ip -n server -o addr show dev eth0
  object 'nat.net:22  veth server:eth0' 2 UP 'group 1197478358' ip -n server -d -o link show dev eth0
  object 'nat.net:22  veth router:server-eth0' 3 UP 'master lan' 'group 1197478358' ip -n router -d -o link show dev server-eth0
  object 'nat.net:21  route default of client' 3 default 'via 192.168.1.1' 'dev eth0' ip -n client route show exact 0.0.0.0/0 table 254
  object 'nat.net:22  route default of server' 3 default 'via 192.168.1.1' 'dev eth0' ip -n server route show exact 0.0.0.0/0 table 254
  loaded 'nat.net:11  nftables table netc-nat of router' 4 ip netns exec router nft -s -t list table inet netc-nat <<'END'
create table inet netc-nat { comment "netc nat"; }
table inet netc-nat {
  chain dstnat {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "wan" tcp dport 8080 dnat ip to 192.168.1.20:80 comment "nat.net:12"
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "wan" tcp dport 22 drop comment "nat.net:19"
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    tcp flags syn tcp option maxseg size set rt mtu comment "nat.net:14"
    ct state established,related accept comment "nat.net:15"
    iifname "lan" oifname "wan" accept comment "nat.net:16"
    iifname "wan" ip daddr 192.168.1.20 tcp dport 80 accept comment "nat.net:17"
    drop comment "nat.net:18"
  }
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan" ip saddr 192.168.1.0/24 masquerade comment "nat.net:11"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
