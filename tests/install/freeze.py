"""Stops one thread of a process, and no other, until it is told to end.

    freeze.py PID NAME

A thread that hangs in a driver looks like this to everybody else.
"""

import ctypes
import os
import sys

PTRACE_SEIZE, PTRACE_INTERRUPT = 0x4206, 0x4207
WALL = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace of {thread}")


pid, name = sys.argv[1], sys.argv[2]
frozen = []
for thread in os.listdir(f"/proc/{pid}/task"):
    with open(f"/proc/{pid}/task/{thread}/comm", encoding="utf-8") as comm:
        if comm.read().strip() == name:
            ptrace(PTRACE_SEIZE, int(thread))
            ptrace(PTRACE_INTERRUPT, int(thread))
            os.waitpid(int(thread), WALL)
            frozen.append(thread)
if not frozen:
    sys.exit(f"process {pid} has no thread {name}")
print("frozen:", *frozen, flush=True)
# Killed, the thread is gone only when its tracer has seen it.
while frozen:
    thread, how = os.waitpid(-1, WALL)
    if os.WIFEXITED(how) or os.WIFSIGNALED(how):
        frozen.remove(str(thread))
