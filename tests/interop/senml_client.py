#!/usr/bin/python3
"""A client that speaks senml.json, written from PROTOCOL.md and from nothing else.

Sends SenML packs of known values, waits for their acknowledgement, answers a command. Exit code 0 only if every pack
was acknowledged and, with --expect-command, a command came. Needs Debian's python3-websockets.
"""

import json
import sys
import time

import link
from link import Failed, event


class Client:
    """One link; packs count from 1 on it."""

    def __init__(self, options, now_ms):
        self.device = options.token.rpartition(".")[0]
        self.start_ms = options.start_ms or now_ms
        self.rows = options.rows
        self.expect_command = options.expect_command
        self.acknowledged = 0
        self.results = {}

    async def run(self, socket):
        self.socket = socket
        for index in range(self.rows):
            await self.send(self.pack(index))
        while not self.done():
            await self.receive()

    def done(self):
        return self.acknowledged >= self.rows and (self.results or not self.expect_command)

    def pack(self, index):
        """One row. Its own time makes it the same row when it is sent again."""
        return [
            {"bn": f"{self.device}/", "bt": (self.start_ms + index * 1000) / 1000,
             "n": "climate/temperature", "u": "Cel", "v": link.temperature(index) / 100},
            {"n": "climate/humidity", "u": "%RH", "v": link.humidity(index) / 100},
            {"n": "door/open", "vb": index % 2 == 1},
        ]

    async def receive(self):
        message = await self.socket.recv()
        if isinstance(message, bytes):
            raise Failed(f"a binary message on a text link: {message.hex()}")
        control = json.loads(message)
        event("received", message=control)
        if not isinstance(control, dict) or len(control) < 1:
            raise Failed(f"not control: {message}")
        if "ack" in control:
            self.take_ack(control["ack"])
        elif "command" in control:
            await self.answer(control["command"])
        elif "refused" in control:
            raise Failed(f"the gateway refused pack {control['refused']}: {control.get('reason')}")
        elif "retryAfterMs" in control:
            raise Failed(f"the gateway goes away for {control['retryAfterMs']} ms")
        else:
            raise Failed(f"unknown control: {message}")

    def take_ack(self, count):
        if not self.acknowledged <= count <= self.rows:
            raise Failed(f"an ack of {count} after {self.acknowledged}, with {self.rows} packs sent")
        self.acknowledged = count

    async def answer(self, command):
        """Runs a command once; the same id again gets the same result."""
        if command["id"] not in self.results:
            known = command["name"] == "echo" and command["ttlMs"] > 0
            result = {"id": command["id"], "outcome": "succeeded" if known else "refused"}
            if known:
                result["value"] = command["arguments"]
            self.results[command["id"]] = result
        await self.send({"result": self.results[command["id"]]})

    async def send(self, message):
        event("sent", message=message)
        await self.socket.send(json.dumps(message))


def main():
    options = link.arguments(__doc__.splitlines()[0]).parse_args()
    return link.run(options, "senml.json", Client(options, time.time_ns() // 1_000_000).run)


if __name__ == "__main__":
    sys.exit(main())
