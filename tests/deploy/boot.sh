#!/bin/bash
# Becomes the first process of a machine of its own: this machine's files, seen through an overlay in memory, and its
# systemd. To be run by root under `unshare --cgroup --pid --fork --mount --uts --ipc --propagation private`.
#
#     boot.sh WORK [SOURCE:TARGET...]    WORK: an empty directory; SOURCE is mounted read-only at TARGET of the machine
set -eu
work=$1
shift
mount -t tmpfs -o mode=755 tmpfs "$work"
mkdir "$work/upper" "$work/index" "$work/root"
mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/index" overlay "$work/root"
root=$work/root
hostname machine

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for directory in run dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$directory"; done
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

for each in "$@"; do
  target=$root${each#*:}
  mkdir -p "$target"
  mount --bind "${each%%:*}" "$target"
  mount -o remount,bind,ro "$target"
done

# nothing of this machine's own starts, and nothing touches what is not the machine's own: clock, modules, kernel settings
units=$root/etc/systemd/system
mkdir -p "$units"
printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' > "$units/machine.target"
for each in systemd-timesyncd systemd-sysctl systemd-modules-load systemd-udevd systemd-udev-trigger systemd-networkd \
  systemd-networkd-wait-online NetworkManager-wait-online ifupdown-wait-online systemd-resolved; do
  ln -sf /dev/null "$units/$each.service"
done
: > "$root/etc/fstab"
tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"

cd "$root"
mkdir -p .before
pivot_root . .before
umount -l /.before
mount --make-rshared /
init=/usr/lib/systemd/systemd
[ -x $init ] || init=/lib/systemd/systemd
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=test $init --system --unit=machine.target </dev/null >/dev/null 2>&1
