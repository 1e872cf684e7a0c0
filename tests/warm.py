"""Starts the command line in processes that have torch imported already: two seconds less for each of a hundred.

A warm process imports what the commands need and nothing more runs in it; for each start it forks. The child is the
command: its own process id, environment, folder, standard streams and signals. Line by line, as JSON:

    to it:    {"number": 1, "args": [...], "env": {...}, "cwd": "...", "stdout": "PATH", "stderr": "PATH"}
    from it:  {"number": 1, "pid": 123}, at once, and {"pid": 123, "status": 0} when that process has ended

The number keeps an answer that came too late for its test from being taken for that of the next one.
"""

import importlib
import itertools
import json
import os
import select
import signal
import subprocess
import sys
import threading

from bandwalk.cli.environment import ENVIRONMENT

HEAVY = (
    "torch",
    "scipy.signal",
    "scipy.ndimage",
    "av",
    "soundfile",
    "bandwalk.cli.app",
    "bandwalk.show.serve",
    "bandwalk.commands.inspect_model",
)

_STOPS = {signal.SIGINT, signal.SIGTERM}


class Warm:
    """The warm process, seen from the tests."""

    def __init__(self):
        env = {**os.environ, **ENVIRONMENT}
        command = [sys.executable, __file__]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self._changed = threading.Condition()
        self._asking = threading.Lock()
        self._numbers = itertools.count(1)
        self._started = {}
        self._ended = {}
        threading.Thread(target=self._read, daemon=True).start()

    def start(self, args, *, env, stdout, stderr):
        """Start a command and return its process id; its streams are files or pipes with a name."""
        said = {"args": args, "env": env, "cwd": os.getcwd(), "stdout": str(stdout), "stderr": str(stderr)}
        number = next(self._numbers)
        with self._asking:
            self._process.stdin.write(json.dumps({"number": number, **said}) + "\n")
            self._process.stdin.flush()
        with self._changed:
            assert self._changed.wait_for(lambda: number in self._started, 150), "the warm process does not answer"
            return self._started.pop(number)

    def status(self, pid):
        """Return the exit status of a process that has ended, minus the signal's number; None: it still runs."""
        with self._changed:
            return self._ended.get(pid)

    def wait(self, pid, timeout_s):
        """Wait until a process has ended and return its exit status.

        Raises:
            TimeoutExpired: it has not ended by then.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: pid in self._ended, timeout_s):
                raise subprocess.TimeoutExpired(f"process {pid}", timeout_s)
            return self._ended[pid]

    def _read(self):
        for line in self._process.stdout:
            said = json.loads(line)
            with self._changed:
                if "status" in said:
                    self._ended[said["pid"]] = said["status"]
                else:
                    self._started[said["number"]] = said["pid"]
                self._changed.notify_all()


class Forked:
    """A command that runs in a fork of the warm process, to be handled as a subprocess.Popen."""

    def __init__(self, warm, args, *, env, stdout, stderr):
        self._warm = warm
        self.pid = warm.start(args, env=env, stdout=stdout, stderr=stderr)

    @property
    def returncode(self):
        """Exit status, minus the signal's number where one ended it; None: it still runs."""
        return self._warm.status(self.pid)

    def poll(self):
        """Return the exit status, or None."""
        return self.returncode

    def wait(self, timeout=60):
        """Wait for the end and return the exit status."""
        return self._warm.wait(self.pid, timeout)

    def send_signal(self, number):
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self):
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def main():
    """Serve requests until standard input ends."""
    for name in HEAVY:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # so that a child's end interrupts the reading
    ended, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake)
    _serve(ended)


def _serve(ended):
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    waiting = b""
    while True:
        readable, _, _ = select.select([requests, ended], [], [])
        if ended in readable:
            os.read(ended, 4096)
            _tell_ends()
        if requests in readable:
            got = requests.read(65536)
            if not got:
                return
            *lines, waiting = (waiting + got).split(b"\n")
            for line in lines:
                request = json.loads(line)
                signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # a fork's own first moments would swallow them
                pid = os.fork()
                if not pid:
                    requests.close()
                    _become(request)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
                _tell(number=request["number"], pid=pid)


def _tell_ends():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell(pid=pid, status=os.waitstatus_to_exitcode(status))


def _tell(**said):
    os.write(1, (json.dumps(said) + "\n").encode())


def _become(request):
    """Be the command: never returns."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update({**request["env"], **ENVIRONMENT})
    os.chdir(request["cwd"])
    streams = (
        os.open(os.devnull, os.O_RDONLY),
        os.open(request["stdout"], os.O_WRONLY),
        os.open(request["stderr"], os.O_WRONLY),
    )
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = ["bandwalk", *request["args"]]
    from bandwalk.cli.app import main as run

    status = 1
    try:
        run()
    except SystemExit as e:
        status = e.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
