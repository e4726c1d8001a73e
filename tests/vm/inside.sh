#!/bin/bash
# Runs inside a machine, as its root: a command in the source tree, then the machine ends.
#   inside.sh FOLDER    FOLDER/command is what to run; FOLDER/environment is read first
# As the first process it has no file systems yet but a read-only root. The last line says how the command ended.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
if (($$ == 1)); then
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /lib/modules
  ln -s "/usr/lib/uml/modules/$(uname -r)" /lib/modules/
  modprobe ipv6 # every host of the tests has IPv6; nothing loads it before the first that wants an address
  ip link set dev lo up
  [[ -e /dev/fd ]] || ln -s /proc/self/fd /dev/fd # bash's <(...) goes by it
fi
mount -t tmpfs tmpfs /mnt
export PATH HOME=/mnt TMPDIR=/mnt HYPOTHESIS_STORAGE_DIRECTORY=/mnt/hypothesis LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
# shellcheck disable=SC1091
. "$1/environment"
bash "$1/command" 2>&1
echo "machine: ended with $?"
if (($$ == 1)); then
  echo o >/proc/sysrq-trigger
  sleep 60
fi
