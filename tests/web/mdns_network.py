"""Two servers of one name, begun before there is a network; run inside network and name spaces of its own.

Prints what a browser on that network finds: the services of each kind, and their addresses.
"""

import asyncio
import json
import subprocess
import time

from zeroconf import ServiceBrowser, ServiceStateChange, Zeroconf

from bandwalk.web import discovery

DEADLINE_S = 30.0
NETWORK = """
ip link add br-inner type bridge && ip addr add 172.30.0.1/16 dev br-inner && ip link set br-inner multicast on up
ip link add lan0 type veth peer name far0 && ip link set far0 up
ip addr add 10.9.0.1/24 dev lan0 && ip link set lan0 multicast on up
ip route add 224.0.0.0/4 dev lan0
"""


def are_settled(services):
    """Whether both are found, by the network's address: where only half of it was there, they were announced on lo."""
    return len(services) == 2 and all(addresses == ["10.9.0.1"] for _, _, addresses in services.values())


def look():
    """The services found: {type: {name: [server, port, addresses]}}."""
    found = {discovery.OSCQUERY: {}, discovery.OSC: {}}
    names = {kind: set() for kind in found}

    def note(zeroconf, service_type, name, state_change):
        if state_change is ServiceStateChange.Added:
            names[service_type].add(name)

    browsing = Zeroconf(interfaces=["10.9.0.1"])
    ServiceBrowser(browsing, list(found), handlers=[note])
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end and not all(map(are_settled, found.values())):
        time.sleep(0.05)
        for kind, known in names.items():
            for name in list(known):
                info = browsing.get_service_info(kind, name, timeout=500)
                if info is not None:
                    found[kind][name] = [info.server, info.port, info.parsed_addresses()]
    browsing.close()
    return found


async def main():
    discovery.LOOK_S = 0.1
    both = [discovery.Announcement("0.0.0.0", 9003, 9000) for _ in range(2)]
    tasks = [asyncio.create_task(one.keep()) for one in both]
    await asyncio.sleep(0.5)  # they have looked, and there was no network
    subprocess.run(["sh", "-ec", NETWORK], check=True)
    print(json.dumps(await asyncio.to_thread(look)))
    for task, one in zip(tasks, both, strict=True):
        task.cancel()
        await one.end()


asyncio.run(main())
