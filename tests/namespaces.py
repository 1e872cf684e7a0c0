"""Two machines and a cable between them: network namespaces of Linux, joined by a pair of virtual interfaces."""

import os
import subprocess

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"
DEADLINE_S = 60.0

STATEFUL = """\
table inet firewall {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
  }
}
"""
"""A firewall as desktops have it: in comes what answers to what went out."""


class Machines:
    """The two machines; programs are started in them, and nothing else of this computer reaches them."""

    def __init__(self) -> None:
        self._as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        self._holders: dict[int, subprocess.Popen[str]] = {}
        self.client = self._open([], self._as_root)
        self._run_link(self.client, "lo")
        self.start_server()

    def start_server(self) -> None:
        """Switch the server's machine on, and plug its cable in."""
        self.server = self._open(self.enter(self.client), [])
        pair = f"link add cable type veth peer name cable netns {self.server}"
        self.run(self.client, "ip", *pair.split())
        for machine, ip in ((self.server, SERVER), (self.client, CLIENT)):
            self.run(machine, "ip", "address", "add", f"{ip}/24", "dev", "cable")
            self._run_link(machine, "cable")
        self._run_link(self.server, "lo")

    def lose_server(self) -> None:
        """Pull the cable and cut the power: nothing that the server had to say arrives any more."""
        self.run(self.client, "ip", "link", "delete", "cable")
        self._end(self.server)

    def _run_link(self, machine: int, name: str) -> None:
        self.run(machine, "ip", "link", "set", name, "up")

    def _open(self, inside: list[str], flags: list[str]) -> int:
        command = [*inside, "unshare", *flags, "--net", "sh", "-c", "echo $$; read wait"]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert holder.stdout is not None
        machine = int(holder.stdout.readline())
        self._holders[machine] = holder
        return machine

    def _end(self, machine: int) -> None:
        holder = self._holders.pop(machine)
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.close()
        holder.wait(DEADLINE_S)
        holder.stdout.close()

    def enter(self, machine: int) -> list[str]:
        """Return what stands before a command that is to run on a machine."""
        user = ["--user", "--preserve-credentials"] if self._as_root else []
        return ["nsenter", "--target", str(machine), *user, "--net", "--"]

    def run(self, machine: int, *command: str, text: str | None = None) -> None:
        """Run a command on a machine to its end."""
        subprocess.run([*self.enter(machine), *command], check=True, timeout=DEADLINE_S, input=text, text=True)

    def close(self) -> None:
        """End both machines."""
        for machine in reversed(self._holders.copy()):
            self._end(machine)


class Loopback:
    """A machine without a cable, whose programs hear each other's multicasts."""

    def __init__(self) -> None:
        self._machines = Machines()
        self.enter = lambda: self._machines.enter(self._machines.client)
        for command in ("link set lo multicast on", "route add 224.0.0.0/4 dev lo"):
            self._machines.run(self._machines.client, "ip", *command.split())
        self.close = self._machines.close
