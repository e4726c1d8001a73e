"""The first process of a throw-away host: calls functions for the tests until its standard input ends.

Run by `World` inside fresh network, mount and process namespaces. As process 1 there it takes every other process
of the host with it when it goes. A request is a pickled (function, arguments); an answer is (worked, result).
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import traceback

DISPOSITIONS = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM)


def settle_in() -> None:
    """Make the host a host: an empty /run, a /sys of its own where that is allowed, lo up, signals as after login."""
    for number in DISPOSITIONS:
        signal.signal(number, signal.SIG_DFL)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["ip", "link", "set", "dev", "lo", "up"], check=True)
    os.chdir("examples")  # the files that they name are beside them
    os.environ["TMPDIR"] = "/run/tmp"
    os.mkdir("/run/tmp")


def reap() -> None:
    """Collect orphans that have ended: they are this process's children here."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return


def main() -> None:
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b") as null:
        os.dup2(null.fileno(), 0)
        os.dup2(null.fileno(), 1)
    settle_in()
    pickle.dump((True, None), answers)
    answers.flush()
    while True:
        try:
            function, args, kwargs = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = (True, function(*args, **kwargs))
        except Exception:
            answer = (False, traceback.format_exc())
        pickle.dump(answer, answers)
        answers.flush()
        reap()


if __name__ == "__main__":
    main()
