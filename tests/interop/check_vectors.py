#!/usr/bin/python3
"""Runs tests/vectors/iotgw-v1.json against the Python codec. Exit code 0 when every vector holds."""

import json
import pathlib
import sys

import wire

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


def main():
    path = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "iotgw-v1.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    catalogs = {vector["name"]: numbers(vector["meaning"])
                for vector in vectors if vector["type"] == "CATALOG" and "meaning" in vector}
    failures = 0
    for vector in vectors:
        wrong = check(vector, catalogs.get(vector.get("catalog")))
        if wrong:
            failures += 1
            print(f"{vector['name']}: {wrong}", file=sys.stderr)
    print(json.dumps({"vectors": len(vectors), "failures": failures}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
