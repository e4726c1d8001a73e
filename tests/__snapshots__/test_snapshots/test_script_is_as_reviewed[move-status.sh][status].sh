#!/usr/bin/env bash
# status.sh says of each object of the lab move whether it is as declared; netc wrote it from move.net.
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
  object 'move.net:4  netns router' 1 'alias netc move' ip -n router -o link show dev lo
  object 'move.net:10  netns client' 1 'alias netc move' ip -n client -o link show dev lo
  object 'move.net:5  sysctl net.ipv4.ip_forward of router' 1 1 ip netns exec router sysctl -n net.ipv4.ip_forward
  object 'move.net:6  address 10.0.0.1/24 of router:lan' 1 10.0.0.1/24 ip -n router -o addr show dev lan
  object 'move.net:6  veth router:lan' 2 UP 'group 700303557' ip -n router -d -o link show dev lan
  object 'move.net:6  address 10.0.0.2/24 of client:eth0' 1 10.0.0.2/24 ip -n client -o addr show dev eth0
  object 'move.net:6  veth client:eth0' 2 UP 'group 700303557' ip -n client -d -o link show dev eth0
  object 'move.net:11  address 192.168.7.13/24 of router:enp2s0' 1 192.168.7.13/24 ip -n router -o addr show dev enp2s0
  object 'move.net:11  move router:enp2s0' 2 UP 'group 700303557' ip -n router -d -o link show dev enp2s0
  object 'move.net:8  route default of router' 3 default 'via 192.168.7.1' 'dev enp2s0' ip -n router route show exact 0.0.0.0/0 table 254
  object 'move.net:10  route default of client' 3 default 'via 10.0.0.1' 'dev eth0' ip -n client route show exact 0.0.0.0/0 table 254
  loaded 'move.net:7  nftables table netc-move of router' 4 ip netns exec router nft -s -t list table inet netc-move <<'END'
create table inet netc-move { comment "netc move"; }
table inet netc-move {
  chain srcnat {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "enp2s0" ip saddr 10.0.0.0/24 masquerade comment "move.net:7"
  }
}
END

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
