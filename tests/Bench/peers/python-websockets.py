"""python3-websockets, batching."""
import asyncio
import http.client
import json
import os
import ssl
from urllib.parse import urlsplit

import websockets

BATCH_BYTES = 256 * 1024
MOST_BYTES = 64 * 1024 * 1024
PAUSE_SECONDS = 0.1

parts: list[str] = []
waiting = 0
enough = asyncio.Event()


def to_lines(text: str) -> str:
    message = json.loads(text)
    device, time = message["device"], message["time"]
    step, values = message["step"], message["values"]
    names = list(values)
    return "".join(
        f"room,device={device} "
        + ",".join(f"{name}={value}" for name, value in zip(names, row))
        + f" {time + at * step}\n"
        for at, row in enumerate(zip(*values.values()))
    )


async def receive(socket):
    global waiting
    async for text in socket:
        if waiting > MOST_BYTES:
            continue
        lines = to_lines(text)
        parts.append(lines)
        waiting += len(lines)
        if waiting >= BATCH_BYTES:
            enough.set()


async def write(url: str):
    global waiting
    to = urlsplit(url)
    connection = http.client.HTTPConnection(to.netloc)
    loop = asyncio.get_running_loop()

    def post(body: bytes):
        connection.request("POST", f"{to.path}?{to.query}", body)
        connection.getresponse().read()

    while True:
        try:
            await asyncio.wait_for(enough.wait(), PAUSE_SECONDS)
        except asyncio.TimeoutError:
            pass
        enough.clear()
        if not parts:
            continue
        body = "".join(parts).encode()
        parts.clear()
        waiting = 0
        await loop.run_in_executor(None, post, body)


async def main():
    tls = None
    if os.environ.get("TLS_CERTIFICATE"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["TLS_CERTIFICATE"], os.environ["TLS_KEY"])
    port = int(os.environ["PORT"])
    async with websockets.serve(receive, "127.0.0.1", port, ssl=tls, compression=None, max_size=16384, backlog=4096):
        await write(os.environ["WRITE_URL"])


asyncio.run(main())
