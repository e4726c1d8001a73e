"""Machines that run a command in this source tree on another kernel than this machine's."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.compiled import ROOT

INSIDE = Path(__file__).with_name("inside.sh")
_END = "machine: ended with "


@dataclass(frozen=True)
class Machine:
    """A way to boot a kernel that sees this machine's files. What it is to run may be shared among `twins` of it."""

    name: str
    lacking: Callable[[], list[str]]
    argv: Callable[[Path], list[str]]
    twins: int = 1


@dataclass(frozen=True)
class Said:
    """What a command in a machine printed, and its exit status; None if it never ended."""

    status: int | None
    text: str


class Running:
    """A machine that is running a command. Its folder, which must be writable, is visible inside by the same path."""

    def __init__(self, machine: Machine, argv: list[str], environment: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(parents=True)
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()]
        (folder / "environment").write_text("".join(lines), encoding="utf-8")
        (folder / "command").write_text(f"cd {shlex.quote(str(ROOT))} && {shlex.join(argv)}\n", encoding="utf-8")
        start = folder / "start.sh"
        start.write_text(f"#!/bin/bash\nexec bash {INSIDE} {folder}\n", encoding="utf-8")
        start.chmod(0o755)
        self._output = folder / "output"
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                machine.argv(start),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, timeout: float) -> Said:
        """Wait for its end, and end it after `timeout` seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
        text = self._said()
        end = text.rpartition(_END)[2].split(maxsplit=1)
        return Said(int(end[0]) if _END in text and end[0].isdigit() else None, text)

    def until(self, pattern: str, timeout: float) -> re.Match[str]:
        """Wait until a line that it prints matches, and return the match; fail after `timeout` seconds, or its end."""
        deadline = time.monotonic() + timeout
        while True:
            ended = self._process.poll() is not None or time.monotonic() > deadline
            if found := re.search(pattern, self._said(), re.MULTILINE):
                return found
            assert not ended, f"no line of this matches {pattern}:\n{self._said()[-3000:]}"
            time.sleep(0.5)

    def _said(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace").replace("\r", "")

    def stop(self) -> None:
        """End it if it has not ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _mounting(script: str, *words: str) -> list[str]:
    """Return a command that runs a line of shell with mounts of its own."""
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--mount", "sh", "-c", f"mount -t tmpfs tmpfs /dev/shm && {script}", "sh", *words]


def _uml_lacking() -> list[str]:
    missing = [] if shutil.which("linux.uml") else ["linux.uml (Debian: user-mode-linux)"]
    missing += [] if Path("/usr/lib/uml/modules").is_dir() else ["its modules in /usr/lib/uml/modules"]
    missing += [] if Path("/lib/modules").is_dir() else ["a folder /lib/modules to show them in"]
    may = subprocess.run(_mounting("true"), capture_output=True, check=False).returncode == 0
    return missing + ([] if may else ["mounts of its own (unshare --mount)"])


def _uml_argv(start: Path) -> list[str]:
    """Return the command of a user-mode Linux: a kernel that is a process, one processor, no emulation.

    Its memory is a file that it makes in /dev/shm, which may be small (64 MB in a container): it gets one of its own.
    """
    kernel = ["linux.uml", "mem=1G", "root=hostfs", "rootfstype=hostfs", "rootflags=/", "ro", "quiet"]
    return _mounting('exec "$@"', *kernel, "con=null", "con0=null,fd:1", f"init={start}")


def _kernel(root: Path = Path("/")) -> Path | None:
    """Return the newest of Debian's kernels below `root` whose modules are there."""
    found = [path for path in root.glob("boot/vmlinuz-*") if (root / "lib" / "modules" / path.name[8:]).is_dir()]
    return max(found, default=None)


def _vng_lacking() -> list[str]:
    found = [] if shutil.which("busybox") else ["busybox (Debian: busybox-static)"]
    return found + ([] if Path(sys.executable).with_name("vng").exists() else ["vng (PyPI: virtme-ng)"])


def _qemu_lacking() -> list[str]:
    found = [] if shutil.which("qemu-system-x86_64") else ["qemu-system-x86_64 (Debian: qemu-system-x86)"]
    return found + _vng_lacking() + ([] if _kernel() else ["a kernel with its modules (Debian: linux-image-amd64)"])


def _vng_argv(start: Path, kernel: Path | None, *options: str) -> list[str]:
    """Return the command of a QEMU without hardware virtualisation, which may be there and not work."""
    vng = Path(sys.executable).with_name("vng")
    # One processor, since each that is emulated takes a real one. With two, Debian 13's QEMU has been seen to end in an
    # assertion (iotlb_to_section): one of them has a map of memory that the other is changing.
    general = ["--force-9p", "--disable-microvm", "--disable-kvm", "--user", "root", "--memory", "2G", "--cpus", "1"]
    argv = [str(vng), "-r", str(kernel), *general, *options, "--rwdir", str(start.parent), "--exec", str(start)]
    return ["env", f"PATH={vng.parent}:{os.environ['PATH']}", *argv]  # vng looks for virtme-run on PATH


def _qemu_argv(start: Path) -> list[str]:
    return _vng_argv(start, _kernel())


def _trixie() -> Path:
    """Return the folder of Debian 13 that .ci/prepare fills: its QEMU emulates a NIC with virtual functions."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "netc-vm", "trixie")


def _sriov_lacking() -> list[str]:
    kernel = [] if _kernel(_trixie()) else [f"Debian 13 in {_trixie()} (as root: .ci/prepare python3 vm)"]
    return _vng_lacking() + kernel


def _sriov_argv(start: Path) -> list[str]:
    """Return the command of Debian 13's QEMU and kernel, with one of Intel's igb. It runs with libraries of its own."""
    root, start_qemu = _trixie(), start.with_name("qemu")
    libraries = root / "usr" / "lib" / "x86_64-linux-gnu"
    paths = [
        root / "usr" / "share" / "qemu",
        root / "usr" / "share" / "seabios",
        root / "usr" / "lib" / "ipxe" / "qemu",
    ]
    command = [str(root / "lib64" / "ld-linux-x86-64.so.2"), "--library-path", str(libraries)]
    command += [
        str(root / "usr" / "bin" / "qemu-system-x86_64"),
        *(word for path in paths for word in ("-L", str(path))),
    ]
    script = f'#!/bin/sh\nQEMU_MODULE_DIR={libraries}/qemu exec {shlex.join(command)} "$@"\n'
    start_qemu.write_text(script, encoding="utf-8")
    start_qemu.chmod(0o755)
    nics = "-netdev user,id=n1,restrict=on,ipv6=off -device pcie-root-port,id=rp1 -device igb,netdev=n1,bus=rp1"
    return _vng_argv(start, _kernel(root), "--qemu", str(start_qemu), f"--qemu-opts={nics}")


#: The cheapest first: a test runs on the first kernel that has what it needs.
MACHINES = (
    Machine("uml", _uml_lacking, _uml_argv, twins=2 * len(os.sched_getaffinity(0))),
    Machine("qemu", _qemu_lacking, _qemu_argv),
    Machine("sriov", _sriov_lacking, _sriov_argv),
)
