#!/usr/bin/env bash
# status.sh says of each object of the lab star whether it is as declared; netc wrote it from star.net.
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
  if ((EUID)); then tell 'run me as root' && exit 1; fi

  # --- the lab
  object 'star.net:7  netns sw' 1 'alias netc star' ip -n sw -o link show dev lo
  object 'star.net:10  netns h1' 1 'alias netc star' ip -n h1 -o link show dev lo
  object 'star.net:10  netns h2' 1 'alias netc star' ip -n h2 -o link show dev lo
  object 'star.net:10  netns h3' 1 'alias netc star' ip -n h3 -o link show dev lo
  object 'star.net:10  netns h4' 1 'alias netc star' ip -n h4 -o link show dev lo
  object 'star.net:10  netns h5' 1 'alias netc star' ip -n h5 -o link show dev lo
  object 'star.net:10  netns h6' 1 'alias netc star' ip -n h6 -o link show dev lo
  object 'star.net:10  netns h7' 1 'alias netc star' ip -n h7 -o link show dev lo
  object 'star.net:10  netns h8' 1 'alias netc star' ip -n h8 -o link show dev lo
  object 'star.net:7  bridge sw:br0' 3 UP '02:d1:a8:a6:cd:c5 brd' 'group 1686670509' ip -n sw -d -o link show dev br0
  object 'star.net:10  address 10.0.0.1/24 of h1:eth0' 1 10.0.0.1/24 ip -n h1 -o addr show dev eth0
  object 'star.net:10  veth h1:eth0' 2 UP 'group 1686670509' ip -n h1 -d -o link show dev eth0
  object 'star.net:10  veth sw:h1-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h1-eth0
  object 'star.net:10  address 10.0.0.2/24 of h2:eth0' 1 10.0.0.2/24 ip -n h2 -o addr show dev eth0
  object 'star.net:10  veth h2:eth0' 2 UP 'group 1686670509' ip -n h2 -d -o link show dev eth0
  object 'star.net:10  veth sw:h2-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h2-eth0
  object 'star.net:10  address 10.0.0.3/24 of h3:eth0' 1 10.0.0.3/24 ip -n h3 -o addr show dev eth0
  object 'star.net:10  veth h3:eth0' 2 UP 'group 1686670509' ip -n h3 -d -o link show dev eth0
  object 'star.net:10  veth sw:h3-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h3-eth0
  object 'star.net:10  address 10.0.0.4/24 of h4:eth0' 1 10.0.0.4/24 ip -n h4 -o addr show dev eth0
  object 'star.net:10  veth h4:eth0' 2 UP 'group 1686670509' ip -n h4 -d -o link show dev eth0
  object 'star.net:10  veth sw:h4-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h4-eth0
  object 'star.net:10  address 10.0.0.5/24 of h5:eth0' 1 10.0.0.5/24 ip -n h5 -o addr show dev eth0
  object 'star.net:10  veth h5:eth0' 2 UP 'group 1686670509' ip -n h5 -d -o link show dev eth0
  object 'star.net:10  veth sw:h5-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h5-eth0
  object 'star.net:10  address 10.0.0.6/24 of h6:eth0' 1 10.0.0.6/24 ip -n h6 -o addr show dev eth0
  object 'star.net:10  veth h6:eth0' 2 UP 'group 1686670509' ip -n h6 -d -o link show dev eth0
  object 'star.net:10  veth sw:h6-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h6-eth0
  object 'star.net:10  address 10.0.0.7/24 of h7:eth0' 1 10.0.0.7/24 ip -n h7 -o addr show dev eth0
  object 'star.net:10  veth h7:eth0' 2 UP 'group 1686670509' ip -n h7 -d -o link show dev eth0
  object 'star.net:10  veth sw:h7-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h7-eth0
  object 'star.net:10  address 10.0.0.8/24 of h8:eth0' 1 10.0.0.8/24 ip -n h8 -o addr show dev eth0
  object 'star.net:10  veth h8:eth0' 2 UP 'group 1686670509' ip -n h8 -d -o link show dev eth0
  object 'star.net:10  veth sw:h8-eth0' 3 UP 'master br0' 'group 1686670509' ip -n sw -d -o link show dev h8-eth0

  if [[ -z $quiet ]]; then printf '%s as declared, %s differ, %s missing\n' "$fine" "$differ" "$missing"; fi
  if ((differ || missing)); then exit 1; fi
  exit 0
}
