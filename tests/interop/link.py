"""What both clients share: the handshake, the events they print, and what to ask when a link fails."""

import argparse
import asyncio
import json
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request

import websockets

# The library renamed this in version 14; Debian 12 ships 10.4.
HEADERS = "extra_headers" if int(websockets.__version__.split(".")[0]) < 14 else "additional_headers"


class Failed(Exception):
    """The gateway did something other than PROTOCOL.md says; the text tells what."""


def event(name, **details):
    """One JSON line on standard output."""
    print(json.dumps({"event": name, **details}, ensure_ascii=False), flush=True)


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--url", required=True, help="wss://HOST:PORT/v1/link; the path may be left out")
    parser.add_argument("--token", required=True, help="<deviceId>.<secret>")
    parser.add_argument("--ca", help="PEM file of the certificate authority to trust")
    parser.add_argument("--rows", type=int, default=10, help="telemetry messages to send, one row each")
    parser.add_argument("--start-ms", type=int, help="Unix time of the first row; each later row is 1 s on")
    parser.add_argument("--expect-command", action="store_true", help="wait for a command and answer it")
    parser.add_argument("--timeout", type=float, default=30, help="seconds for everything")
    return parser


def temperature(index):
    """The known values, in hundredths of a degree and of a percent."""
    return 2000 + index


def humidity(index):
    return 4700 - index


def run(options, subprotocol, session):
    """Opens the link, runs the session on it, and returns the exit code."""
    try:
        asyncio.run(asyncio.wait_for(_connected(options, subprotocol, session), options.timeout))
    except (asyncio.TimeoutError, TimeoutError):
        return _failed(f"not done within {options.timeout} s")
    except websockets.InvalidHandshake as error:
        event("doctor", **_doctor(options))
        return _failed(f"handshake: {error}")
    except websockets.ConnectionClosed as error:
        return _failed(f"closed early: {error}")
    except (Failed, OSError, ValueError) as error:
        return _failed(f"{type(error).__name__}: {error}")
    event("done")
    return 0


async def _connected(options, subprotocol, session):
    async with websockets.connect(
        _address(options.url), subprotocols=[subprotocol], compression=None, ssl=_tls(options), ping_interval=None,
        **{HEADERS: {"Authorization": f"Bearer {options.token}"}},
    ) as socket:
        if socket.subprotocol != subprotocol:
            raise Failed(f"the gateway chose the subprotocol {socket.subprotocol}")
        event("open", url=_address(options.url), subprotocol=subprotocol)
        await session(socket)
        await socket.close(1000)
        event("closed", code=socket.close_code)


def _address(url):
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(path=parts.path if len(parts.path) > 1 else "/v1/link"))


def _tls(options):
    return ssl.create_default_context(cafile=options.ca) if options.url.startswith("wss:") else None


def _doctor(options):
    parts = urllib.parse.urlsplit(options.url)
    url = urllib.parse.urlunsplit(parts._replace(scheme=parts.scheme.replace("ws", "http"), path="/v1/doctor"))
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {options.token}"})
    try:
        with urllib.request.urlopen(request, timeout=5, context=_tls(options)) as answer:
            return {"status": answer.status, "says": json.load(answer)}
    except (OSError, ValueError) as error:
        return {"error": str(error)}


def _failed(why):
    event("failed", why=why)
    print(why, file=sys.stderr)
    return 1
