#!/usr/bin/python3
"""Runs the files of tests/vectors against the Python codec. Exit code 0 when every vector holds."""

import json
import pathlib
import sys

import wire
from block import DecodeError
from body import join, split

EXACT = 1 << 53


def numbers(value):
    """The meaning with its large numbers as numbers: the vectors write those as text."""
    if isinstance(value, list):
        return [numbers(part) for part in value]
    if isinstance(value, dict):
        return {key: numbers(part) for key, part in value.items()}
    if isinstance(value, str) and value.lstrip("-").isdigit() and abs(int(value)) > EXACT:
        return int(value)
    return value


def check(vector, catalog):
    """What is wrong, or None."""
    message = bytes.fromhex(vector["hex"])
    try:
        name, fields = wire.decode(message, catalog)
    except wire.DecodeError as error:
        return None if str(error) == vector.get("refused") else f"refused as {error}"
    if "refused" in vector:
        return f"decoded, but is to be refused as {vector['refused']}"
    meaning = numbers(vector["meaning"])
    if name != vector["type"] or fields != meaning:
        return f"decoded to {name} {fields}"
    encoded = wire.encode(name, meaning, catalog)
    if vector.get("canonical", True) and encoded != message:
        return f"encoded to {encoded.hex()}"
    return None


def check_body(body):
    """What is wrong with a body of a request or an answer, or None."""
    whole = bytes.fromhex(body["hex"])
    try:
        messages = [message.hex() for message in split(whole)]
    except DecodeError as error:
        return None if str(error) == body.get("refused") else f"refused as {error}"
    if messages != body.get("messages"):
        return f"split into {messages}"
    joined = join(bytes.fromhex(message) for message in messages)
    return f"joined to {joined.hex()}" if body.get("canonical", True) and joined != whole else None


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "vectors"
    vectors = json.loads((folder / "iotgw-v1.json").read_text(encoding="utf-8"))["vectors"]
    bodies = json.loads((folder / "iotgw-v1-http.json").read_text(encoding="utf-8"))["bodies"]
    catalogs = {vector["name"]: numbers(vector["meaning"])
                for vector in vectors if vector["type"] == "CATALOG" and "meaning" in vector}
    failures = 0
    checks = [(vector["name"], check(vector, catalogs.get(vector.get("catalog")))) for vector in vectors]
    checks += [(body["name"], check_body(body)) for body in bodies]
    for name, wrong in checks:
        if wrong:
            failures += 1
            print(f"{name}: {wrong}", file=sys.stderr)
    print(json.dumps({"vectors": len(checks), "failures": failures}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
