#!/usr/bin/python3
"""A device that speaks iotgw.v1 by requests, written from PROTOCOL.md, "HTTP", and from nothing else.

Sends telemetry of known values, waits for its acknowledgement, answers a command. Exit code 0 only if every message
was acknowledged and, with --expect-command, a command came. What it measures is what client.py does.
"""

import argparse
import http.client
import ssl
import sys
import time
import urllib.parse

import wire
from block import DecodeError
from body import join, split
from client import CATALOG, CLIMATE, MAX_MESSAGE_BYTES, UNIX_TIME, now
from link import Failed, event, humidity, temperature

TYPE = "application/vnd.iotgw.v1"


class Device:
    """Asks until all it has is acknowledged, and a command was answered where one is expected."""

    def __init__(self, options):
        self.options = options
        self.epoch = options.epoch or now() // 1000
        self.start_ms = options.start_ms or now()
        self.acknowledged = 0
        self.window = 1
        self.results = {}
        self.pending = []
        self.catalog = wire.encode("CATALOG", CATALOG)
        url = urllib.parse.urlsplit(options.url)
        is_tls = url.scheme in ("https", "wss")
        kind = http.client.HTTPSConnection if is_tls else http.client.HTTPConnection
        tls = {"context": ssl.create_default_context(cafile=options.ca)} if is_tls else {}
        self.connection = kind(url.hostname, url.port, timeout=options.timeout, **tls)

    def run(self):
        needs_catalog = self.ask(0, [])
        while not self.done():
            messages = [self.catalog] if needs_catalog else []
            messages += [self.encode(name, **fields) for name, fields in self.take_pending()]
            rows = range(self.acknowledged, min(self.acknowledged + self.window, self.options.rows))
            messages += [self.telemetry(index) for index in rows]
            needs_catalog = self.ask(0 if rows else 10, messages)
        leaving = [self.encode(name, **fields) for name, fields in self.take_pending()]
        self.ask(0, [*leaving, self.encode("BYE", reason=1, expectedBackSeconds=0)])

    def done(self):
        return self.acknowledged >= self.options.rows and (self.results or not self.options.expect_command)

    def take_pending(self):
        pending, self.pending = self.pending, []
        return pending

    def telemetry(self, index):
        at = self.start_ms + index * 1000
        return self.encode("TELEMETRY", epoch=self.epoch, sequence=index + 1, clock=UNIX_TIME, baseMs=at,
                           blocks=[{"sensorId": CLIMATE, "rows": [[at, temperature(index), humidity(index)]]}])

    def ask(self, wait, messages):
        """One request with HELLO before the messages; True where the answer asks for the catalog."""
        hello = self.encode("HELLO", version=1, epoch=self.epoch, clock=UNIX_TIME, nowMs=now(),
                            catalogHash=wire.catalog_hash(self.catalog), maxMessageBytes=MAX_MESSAGE_BYTES,
                            firmware="iotgw-py 1.0", board="python", resetReason=0)
        self.connection.request("POST", f"/v1/messages?wait={wait}&every=60", body=join([hello, *messages]), headers={
            "Authorization": f"Bearer {self.options.token}", "Content-Type": TYPE})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200 or answer.getheader("Content-Type") != TYPE:
            raise Failed(f"{answer.status}: {body.decode('utf-8', 'replace')}")
        if answer.getheader("Content-Length") != str(len(body)) or len(body) > MAX_MESSAGE_BYTES + 1024:
            raise Failed(f"{len(body)} bytes, said to be {answer.getheader('Content-Length')}")
        heard = [wire.decode(message, CATALOG) for message in split(body)]
        if heard[0][0] != "WELCOME":
            raise Failed(f"{heard[0][0]} came before WELCOME")
        for name, fields in heard:
            event("received", message=name, fields=fields)
            self.hear(name, fields)
        return heard[0][1]["flags"] & 1

    def hear(self, name, fields):
        if name == "WELCOME":
            self.window = fields["window"]
            self.acknowledged = fields["lastSequence"]
        elif name == "ACK":
            if fields["epoch"] == self.epoch and fields["sequence"] != self.acknowledged:
                raise Failed(f"{fields}, though WELCOME says {self.acknowledged}")
        elif name == "COMMAND":
            self.answer(fields)
        elif name == "DESIRED":
            self.pending.append(("REPORTED", {"version": fields["version"], "json": fields["json"]}))
        else:
            raise Failed(f"{name}: {fields}")

    def answer(self, command):
        """Runs a command once; the same id again gets the same result."""
        if command["id"] not in self.results:
            known = command["name"] == "echo"
            outcome = 4 if command["ttlMs"] == 0 else 1 if known else 3
            self.results[command["id"]] = {"outcome": outcome, "json": command["json"] if known else ""}
        self.pending.append(("COMMAND_RESULT", {"id": command["id"], **self.results[command["id"]]}))

    @staticmethod
    def encode(name, **fields):
        event("sent", message=name, fields=fields)
        return wire.encode(name, fields, CATALOG)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="https://HOST:PORT, or the address of the link")
    parser.add_argument("--token", required=True, help="<deviceId>.<secret>")
    parser.add_argument("--ca", help="PEM file of the certificate authority to trust")
    parser.add_argument("--rows", type=int, default=10, help="telemetry messages to send, one row each")
    parser.add_argument("--start-ms", type=int, help="Unix time of the first row; each later row is 1 s on")
    parser.add_argument("--expect-command", action="store_true", help="wait for a command and answer it")
    parser.add_argument("--timeout", type=float, default=30, help="seconds for each answer")
    parser.add_argument("--epoch", type=int, help="boot counter; default: the time, in seconds")
    try:
        Device(parser.parse_args()).run()
    except (Failed, DecodeError, OSError, http.client.HTTPException) as error:
        event("failed", why=str(error))
        print(error, file=sys.stderr)
        return 1
    event("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
