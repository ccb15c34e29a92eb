#!/usr/bin/env python3
"""Chromium on a machine whose network doesn't seem to change.

Chromium cuts every request that is open when an address comes or goes (``net::ERR_NETWORK_CHANGED``). A person's
machine seldom gets one; on this one, containers and networks of other tests come and go all the time. So the kernel
refuses it the socket by which it would hear of them, and it takes the network for one that stays.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import socket
import sys

# From libseccomp's seccomp.h.
ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EAFNOSUPPORT
EQUAL = 4
FAMILY, PROTOCOL = 0, 2
"""Places of the arguments of ``socket``."""
NETLINK_ROUTE = 0
"""From linux/netlink.h: tells of links, addresses and routes."""


class Compared(ctypes.Structure):
    """An argument of a system call, and what it is compared with (``struct scmp_arg_cmp``)."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def hear_nothing_of_the_network() -> None:
    """Have the kernel refuse sockets that tell of addresses, to this process and all that come from it."""
    seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    filters = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ALLOW)))
    route = (Compared * 2)(Compared(FAMILY, EQUAL, socket.AF_NETLINK), Compared(PROTOCOL, EQUAL, NETLINK_ROUTE))
    call = seccomp.seccomp_syscall_resolve_name(b"socket")
    failed = seccomp.seccomp_rule_add_array(filters, ctypes.c_uint32(REFUSE), call, len(route), route)
    failed = failed or seccomp.seccomp_load(filters)
    if failed:
        raise OSError(-failed, os.strerror(-failed))


if __name__ == "__main__":
    program = shutil.which("chromium")
    if not program:
        sys.exit("Debian's chromium is needed: ./run-tests installs it")
    hear_nothing_of_the_network()
    os.execv(program, [program, *sys.argv[1:]])  # noqa: S606 - it becomes the browser, as whoever started it expects
