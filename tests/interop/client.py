#!/usr/bin/python3
"""A device that speaks iotgw.v1, written from PROTOCOL.md and from nothing else.

Sends telemetry of known values, waits for its acknowledgement, answers a command. Exit code 0 only if every message
was acknowledged and, with --expect-command, a command came. Needs Debian's python3-websockets.
"""

import sys
import time

import link
import wire
from block import DecodeError
from link import Failed, event

UNIX_TIME = 1
CLIMATE = 1
CATALOG = {
    "sensors": [{"sensorId": CLIMATE, "measurement": "climate", "fields": [
        {"name": "temperature", "unit": "Cel", "type": 0, "exponent": -2},
        {"name": "humidity", "unit": "%RH", "type": 0, "exponent": -2}]}],
    "commands": [{"name": "echo", "schema": ""}],
}
MAX_MESSAGE_BYTES = 4096


class Device:
    """One link from HELLO to BYE."""

    def __init__(self, options, now_ms):
        # Without flash for a boot counter, the time of the start serves: it grows and is never used again.
        self.epoch = options.epoch or now_ms // 1000
        self.start_ms = options.start_ms or now_ms
        self.rows = options.rows
        self.expect_command = options.expect_command
        self.sent = self.acknowledged = 0
        self.window = 0
        self.results = {}

    async def run(self, socket):
        self.socket = socket
        catalog = wire.encode("CATALOG", CATALOG)
        await self.send("HELLO", version=1, epoch=self.epoch, clock=UNIX_TIME, nowMs=now(),
                        catalogHash=wire.catalog_hash(catalog), maxMessageBytes=MAX_MESSAGE_BYTES,
                        firmware="iotgw-py 1.0", board="python", resetReason=0)
        await self.welcomed()
        while not self.done():
            await self.send_what_fits()
            await self.receive()
        await self.send("BYE", reason=1, expectedBackSeconds=0)

    def done(self):
        return self.acknowledged >= self.rows and (self.results or not self.expect_command)

    async def welcomed(self):
        name, welcome = await self.next()
        if name != "WELCOME":
            raise Failed(f"{name} came before WELCOME")
        if welcome["window"] < 1 or welcome["pingSeconds"] < 1:
            raise Failed(f"WELCOME leaves no room to speak: {welcome}")
        self.window = welcome["window"]
        # What is on the gateway's disk already is not sent again.
        self.sent = self.acknowledged = welcome["lastSequence"]
        if welcome["flags"] & 1:
            await self.send("CATALOG", **CATALOG)

    async def send_what_fits(self):
        while self.sent < self.rows and self.sent - self.acknowledged < self.window:
            self.sent += 1
            at = self.start_ms + (self.sent - 1) * 1000
            row = [at, link.temperature(self.sent - 1), link.humidity(self.sent - 1)]
            await self.send("TELEMETRY", epoch=self.epoch, sequence=self.sent, clock=UNIX_TIME, baseMs=at,
                            blocks=[{"sensorId": CLIMATE, "rows": [row]}])

    async def receive(self):
        name, fields = await self.next()
        if name == "ACK":
            self.take_ack(fields)
        elif name == "COMMAND":
            await self.answer(fields)
        elif name == "DESIRED":
            await self.send("REPORTED", version=fields["version"], json=fields["json"])
        elif name == "REFUSED":
            raise Failed(f"the gateway refused a message: {fields}")
        elif name == "RETRY_AFTER":
            raise Failed(f"the gateway goes away for {fields['ms']} ms")
        else:
            raise Failed(f"{name} is nothing a gateway says here")

    def take_ack(self, ack):
        if ack["epoch"] != self.epoch:
            return
        if ack["sequence"] > self.sent:
            raise Failed(f"{ack} acknowledges what was not sent yet")
        if ack["sequence"] < self.acknowledged:
            raise Failed(f"{ack} takes back an acknowledgement of {self.acknowledged}")
        self.acknowledged = ack["sequence"]

    async def answer(self, command):
        """Runs a command once; the same id again gets the same result."""
        if command["id"] not in self.results:
            known = command["name"] == "echo"
            outcome = 4 if command["ttlMs"] == 0 else 1 if known else 3
            self.results[command["id"]] = {"outcome": outcome, "json": command["json"] if known else ""}
        await self.send("COMMAND_RESULT", id=command["id"], **self.results[command["id"]])

    async def send(self, name, **fields):
        event("sent", message=name, fields=fields)
        await self.socket.send(wire.encode(name, fields, CATALOG))

    async def next(self):
        message = await self.socket.recv()
        if isinstance(message, str):
            raise Failed(f"text on a binary link: {message}")
        if len(message) > MAX_MESSAGE_BYTES:
            raise Failed(f"{len(message)} bytes, though HELLO allows {MAX_MESSAGE_BYTES}")
        try:
            name, fields = wire.decode(message, CATALOG)
        except DecodeError as error:
            raise Failed(f"{message.hex()} is no message: {error}") from None
        event("received", message=name, fields=fields)
        return name, fields


def now():
    return time.time_ns() // 1_000_000


def main():
    parser = link.arguments(__doc__.splitlines()[0])
    parser.add_argument("--epoch", type=int, help="boot counter; default: the time, in seconds")
    options = parser.parse_args()
    return link.run(options, "iotgw.v1", Device(options, now()).run)


if __name__ == "__main__":
    sys.exit(main())
