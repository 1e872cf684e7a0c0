"""Two machines and a cable between them: network namespaces of Linux, joined by a pair of virtual interfaces."""

import os
import subprocess

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"
DEADLINE_S = 30.0

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
        self._holders: list[subprocess.Popen[str]] = []
        self.server = self._open([], self._as_root)
        self.client = self._open(self.enter(self.server), [])
        pair = f"link add cable type veth peer name cable netns {self.client}"
        self.run(self.server, "ip", *pair.split())
        for machine, ip in ((self.server, SERVER), (self.client, CLIENT)):
            self.run(machine, "ip", "address", "add", f"{ip}/24", "dev", "cable")
            for name in ("lo", "cable"):
                self.run(machine, "ip", "link", "set", name, "up")

    def _open(self, inside: list[str], flags: list[str]) -> int:
        command = [*inside, "unshare", *flags, "--net", "sh", "-c", "echo $$; read wait"]
        holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._holders.append(holder)
        assert holder.stdout is not None
        return int(holder.stdout.readline())

    def enter(self, machine: int) -> list[str]:
        """Return what stands before a command that is to run on a machine."""
        user = ["--user", "--preserve-credentials"] if self._as_root else []
        return ["nsenter", "--target", str(machine), *user, "--net", "--"]

    def run(self, machine: int, *command: str, text: str | None = None) -> None:
        """Run a command on a machine to its end."""
        subprocess.run([*self.enter(machine), *command], check=True, timeout=DEADLINE_S, input=text, text=True)

    def plug(self, *, is_in: bool) -> None:
        """Put the cable in at the server, or pull it out."""
        self.run(self.server, "ip", "link", "set", "cable", "up" if is_in else "down")

    def close(self) -> None:
        """End both machines."""
        for holder in reversed(self._holders):
            assert holder.stdin is not None
            assert holder.stdout is not None
            holder.stdin.close()
            holder.wait(DEADLINE_S)
            holder.stdout.close()
