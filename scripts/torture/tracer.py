"""Runs a program and does something to it at the n-th of its system calls of one kind.

Of a write it matters where it goes: an error belongs to the files of the output folder, or to the network, and
never to the pipes by which threads wake each other up. So the calls are counted here, by what they are done to and
over all threads, which strace cannot do. Linux on x86-64 only; standard library only.
"""

import ctypes
import errno
import os
import platform
import signal
import struct

CALLS = {"fsync": 74, "fdatasync": 75, "write": 1, "pwrite64": 18, "rename": 82, "unlink": 87}
# What sends on a socket; the network library takes the first two. They are counted as one kind, "sendto".
SENDING = {1: "write", 20: "writev", 44: "sendto", 46: "sendmsg"}

_TRACEME, _CONT, _KILL_WITH_TRACER, _GETREGS, _SETREGS, _SETOPTIONS = 0, 7, 1 << 20, 12, 13, 0x4200
# Follow clone, fork, vfork and exec; stop where the filter below says so.
_OPTIONS = _KILL_WITH_TRACER | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 7
_EVENT_SECCOMP = 7
_WALL = 0x40000000
_RAX, _RDI, _ORIG_RAX, _REGISTERS = 10, 14, 15, 27
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2
_RET_TRACE, _RET_ALLOW = 0x7FF00000, 0x7FFF0000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


class NotPermitted(Exception):
    """This machine lets nobody trace."""


class Hangs(Exception):
    """The program did not end in time; it was killed."""


def _ptrace(request, pid, data=None):
    if _libc.ptrace(request, pid, None, data) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")


def _filter():
    """A program for the kernel: the calls that are counted stop for the tracer, all others go through."""
    numbers = sorted(set(CALLS.values()) | set(SENDING))
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]
    for place, number in enumerate(numbers):
        code.append(struct.pack("HBBI", 0x15, len(numbers) - place, 0, number))
    code += [struct.pack("HBBI", 0x06, 0, 0, _RET_ALLOW), struct.pack("HBBI", 0x06, 0, 0, _RET_TRACE)]
    return b"".join(code), len(code)


class Tracer:
    """One run of a program. `hit` says what was done to what, or is None when the n-th call was never reached."""

    def __init__(self, arguments, folder, fault=None, call=None, when=0):
        self.arguments, self.folder = arguments, os.path.realpath(folder) + "/"
        # None, "SIGKILL", or the name of an error.
        self.fault, self.call, self.when = fault, call, when
        self.counts = {name: 0 for name in [*CALLS, "sendto"]}
        self.hit = None

    def run(self, patience):
        """The exit code, or minus the number of the signal that ended it."""
        if platform.machine() != "x86_64":
            raise NotPermitted(f"the tracer does not know {platform.machine()}")
        self.pid = self._start()
        signal.signal(signal.SIGALRM, self._give_up)
        signal.setitimer(signal.ITIMER_REAL, patience)
        try:
            return self._follow()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _give_up(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, _WALL)
        raise Hangs()

    def _start(self):
        code, length = _filter()
        program = ctypes.create_string_buffer(code, len(code))
        header = struct.pack("HxxxxxxQ", length, ctypes.addressof(program))
        pid = os.fork()
        if pid:
            _, status = os.waitpid(pid, _WALL)
            if not os.WIFSTOPPED(status):
                raise NotPermitted("ptrace is not permitted here")
            try:
                _ptrace(_SETOPTIONS, pid, _OPTIONS)
                _ptrace(_CONT, pid)
            except OSError as error:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, _WALL)
                raise NotPermitted("ptrace is not permitted here") from error
            return pid
        try:
            nothing = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nothing, stream)
            _ptrace(_TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            if _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or _libc.prctl(
                _SET_SECCOMP, _SECCOMP_FILTER, ctypes.c_char_p(header), 0, 0
            ):
                os._exit(126)
            os.execv(self.arguments[0], self.arguments)
        finally:
            os._exit(126)

    def _follow(self):
        while True:
            thread, status = os.waitpid(-1, _WALL)
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                if thread == self.pid:
                    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 126:
                        raise NotPermitted("seccomp filters are not permitted here")
                    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
                continue
            event, number, passed = status >> 16, os.WSTOPSIG(status), 0
            if event == _EVENT_SECCOMP:
                self._meet(thread)
            elif event == 0 and number not in (signal.SIGSTOP, signal.SIGTRAP):
                passed = number
            try:
                _ptrace(_CONT, thread, passed)
            except OSError as error:
                if error.errno != errno.ESRCH:
                    raise

    def _meet(self, thread):
        registers = (ctypes.c_ulong * _REGISTERS)()
        try:
            _ptrace(_GETREGS, thread, ctypes.cast(registers, ctypes.c_void_p))
            call, target = self._kind(thread, registers)
        except (OSError, ValueError):
            return
        if call is None:
            return
        self.counts[call] += 1
        if self.hit or call != self.call or self.counts[call] != self.when:
            return
        self.hit = target
        if self.fault == "SIGKILL":
            os.kill(self.pid, signal.SIGKILL)
        else:
            # A call without a number is skipped, and this is what it answers.
            registers[_ORIG_RAX] = ctypes.c_ulong(-1).value
            registers[_RAX] = ctypes.c_ulong(-getattr(errno, self.fault)).value
            _ptrace(_SETREGS, thread, ctypes.cast(registers, ctypes.c_void_p))

    def _kind(self, thread, registers):
        """The name under which the call is counted, and what it is done to."""
        number = registers[_ORIG_RAX]
        name = next((name for name, its in CALLS.items() if its == number), None)
        if name in ("rename", "unlink"):
            target = self._text(thread, registers[_RDI])
        else:
            target = os.readlink(f"/proc/{thread}/fd/{registers[_RDI]}")
            if number in SENDING and target.startswith("socket:"):
                return "sendto", "the network"
        return (name, target[len(self.folder) :]) if target.startswith(self.folder) else (None, None)

    def _text(self, thread, address):
        with open(f"/proc/{thread}/mem", "rb", 0) as memory:
            memory.seek(address)
            text = memory.read(4096)
        return os.path.realpath(os.path.dirname(text.split(b"\0")[0].decode())) + "/" + os.path.basename(
            text.split(b"\0")[0].decode()
        )
