"""The messages of iotgw.v1 as Python dictionaries, written from PROTOCOL.md and from nothing else."""

import struct
import uuid
import zlib

from block import LATEST_MS, DecodeError, Reader, Writer, read_block, write_block

MESSAGE_BYTES = 16 * 1024
NAME, UNIT, LABEL, TEXT = "name", "unit", "label", "text"
TIME, CLOCK, ID, FLAGS = "time", "clock", "id", "flags"

# Type byte: name and fields in the order of the wire. A tuple is a u8 with its lowest and highest value.
MESSAGES = {
    0x01: ("HELLO", [("version", (1, 1)), ("epoch", "u32+"), ("clock", CLOCK), ("nowMs", TIME), ("catalogHash", "u32"),
                     ("maxMessageBytes", "u16"), ("firmware", LABEL), ("board", LABEL), ("resetReason", "u8")]),
    0x02: ("CATALOG", None),
    0x03: ("TELEMETRY", None),
    0x04: ("COMMAND_RESULT", [("id", ID), ("outcome", (1, 4)), ("json", TEXT)]),
    0x05: ("LOG", [("level", (0, 5)), ("clock", CLOCK), ("atMs", TIME), ("category", NAME), ("message", TEXT)]),
    0x06: ("REPORTED", [("version", "u32"), ("json", TEXT)]),
    0x07: ("GAP", [("epoch", "u32+"), ("clock", CLOCK), ("fromMs", TIME), ("toMs", TIME), ("rowsDropped", "varint")]),
    0x08: ("BYE", [("reason", (1, 4)), ("expectedBackSeconds", "u32")]),
    0x81: ("WELCOME", [("version", (1, 1)), ("nowMs", TIME), ("lastSequence", "u32"), ("pingSeconds", "u16"),
                       ("maxMessageBytes", "u16"), ("window", "u16"), ("flags", FLAGS)]),
    0x82: ("ACK", [("epoch", "u32"), ("sequence", "u32")]),
    0x83: ("COMMAND", [("id", ID), ("ttlMs", "u32"), ("name", NAME), ("json", TEXT)]),
    0x84: ("DESIRED", [("version", "u32"), ("json", TEXT)]),
    0x85: ("REFUSED", [("epoch", "u32"), ("sequence", "u32"), ("reason", (1, 4))]),
    0x86: ("RETRY_AFTER", [("ms", "u32")]),
}
CODES = {name: code for code, (name, _) in MESSAGES.items()}
WIDTHS = {"u8": "<B", "u16": "<H", "u32": "<I", "u32+": "<I", TIME: "<Q"}
LENGTHS = {NAME: 64, LABEL: 64, UNIT: 16, TEXT: MESSAGE_BYTES}


def catalog_hash(catalog: bytes) -> int:
    """CRC-32/ISO-HDLC of a CATALOG without its type byte, as HELLO names it."""
    return zlib.crc32(catalog[1:])


def encode(name: str, fields: dict, catalog: dict | None = None) -> bytes:
    """A whole message. TELEMETRY needs the catalog (as fields) that describes its sensors."""
    writer = Writer()
    writer.u8(CODES[name])
    if name == "CATALOG":
        _write_catalog(writer, fields)
    elif name == "TELEMETRY":
        _write_telemetry(writer, fields, catalog)
    else:
        for field, kind in MESSAGES[CODES[name]][1]:
            _write_field(writer, kind, fields[field])
    return bytes(writer.data)


def decode(message: bytes, catalog: dict | None = None) -> tuple[str, dict]:
    """The name and fields of a whole message; DecodeError says why bytes are none."""
    if len(message) > MESSAGE_BYTES:
        raise DecodeError("too-large")
    reader = Reader(message)
    code = reader.u8()
    if code not in MESSAGES:
        raise DecodeError("unknown-type")
    name, layout = MESSAGES[code]
    if name == "CATALOG":
        fields = _read_catalog(reader)
    elif name == "TELEMETRY":
        fields = _read_telemetry(reader, catalog)
    else:
        fields = {field: _read_field(reader, kind) for field, kind in layout}
    if name == "GAP" and fields["fromMs"] > fields["toMs"]:
        raise DecodeError("bad-value")
    if reader.left:
        raise DecodeError("trailing")
    return name, fields


def _write_field(writer, kind, value):
    if kind in WIDTHS:
        writer.data += struct.pack(WIDTHS[kind], value)
    elif kind in LENGTHS:
        writer.text(value)
    elif kind == ID:
        writer.data += uuid.UUID(value).bytes
    elif kind == "varint":
        writer.varint(value)
    else:
        writer.u8(value)


def _read_field(reader, kind):
    if kind in LENGTHS:
        return _read_text(reader, kind)
    if kind == ID:
        return str(uuid.UUID(bytes=reader.take(16)))
    if kind == "varint":
        return reader.varint()
    value = struct.unpack(WIDTHS.get(kind, "<B"), reader.take(struct.calcsize(WIDTHS.get(kind, "<B"))))[0]
    low, high = (0, 1) if kind == CLOCK else kind if isinstance(kind, tuple) else (0, value)
    if not low <= value <= high or (kind == "u32+" and value == 0):
        raise DecodeError("bad-value")
    if kind == TIME and value > LATEST_MS:
        raise DecodeError("time-out-of-range")
    return value & 1 if kind == FLAGS else value


def _read_text(reader, kind):
    raw = reader.take(reader.count(LENGTHS[kind]))
    try:
        text = raw.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise DecodeError("bad-text") from None
    if kind != TEXT and any(byte < 0x20 or byte == 0x7F for byte in raw) or kind == NAME and not raw:
        raise DecodeError("bad-text")
    return text


def _write_catalog(writer, fields):
    writer.varint(len(fields["sensors"]))
    for sensor in fields["sensors"]:
        writer.u8(sensor["sensorId"])
        writer.text(sensor["measurement"])
        writer.varint(len(sensor["fields"]))
        for field in sensor["fields"]:
            writer.text(field["name"])
            writer.text(field["unit"])
            writer.data += struct.pack("<Bb", field["type"], field["exponent"])
    writer.varint(len(fields["commands"]))
    for command in fields["commands"]:
        writer.text(command["name"])
        writer.text(command["schema"])


def _read_catalog(reader):
    sensors = [_read_sensor(reader) for _ in range(reader.count(64))]
    commands = [{"name": _read_text(reader, NAME), "schema": _read_text(reader, TEXT)}
                for _ in range(reader.count(64))]
    _unique(sensors, "sensorId")
    _unique(sensors, "measurement")
    _unique(commands, "name")
    return {"sensors": sensors, "commands": commands}


def _read_sensor(reader):
    sensor = {"sensorId": reader.u8(), "measurement": _read_text(reader, NAME), "fields": []}
    for _ in range(reader.count(32)):
        name, unit, kind = _read_text(reader, NAME), _read_text(reader, UNIT), _read_field(reader, (0, 2))
        exponent = struct.unpack("<b", reader.take(1))[0]
        if abs(exponent) > (18 if kind == 0 else 0):
            raise DecodeError("bad-value")
        sensor["fields"].append({"name": name, "unit": unit, "type": kind, "exponent": exponent})
    if not sensor["fields"]:
        raise DecodeError("bad-value")
    _unique(sensor["fields"], "name")
    return sensor


def _unique(parts, key):
    if len({part[key] for part in parts}) < len(parts):
        raise DecodeError("bad-value")


def _write_telemetry(writer, fields, catalog):
    writer.data += struct.pack("<IIBQ", fields["epoch"], fields["sequence"], fields["clock"], fields["baseMs"])
    writer.varint(len(fields["blocks"]))
    sensors = {sensor["sensorId"]: sensor for sensor in catalog["sensors"]}
    for block in fields["blocks"]:
        write_block(writer, sensors[block["sensorId"]], fields["baseMs"], block["rows"])


def _read_telemetry(reader, catalog):
    fields = {"epoch": _read_field(reader, "u32+"), "sequence": _read_field(reader, "u32+"),
              "clock": _read_field(reader, CLOCK), "baseMs": _read_field(reader, TIME), "blocks": []}
    sensors = {sensor["sensorId"]: sensor for sensor in catalog["sensors"]}
    blocks, readings = reader.count(64), 65_536
    if not blocks:
        raise DecodeError("bad-value")
    for _ in range(blocks):
        sensor = sensors.get(reader.u8())
        if sensor is None:
            raise DecodeError("unknown-sensor")
        rows = read_block(reader, sensor, fields["baseMs"], readings)
        readings -= len(rows) * len(sensor["fields"])
        fields["blocks"].append({"sensorId": sensor["sensorId"], "rows": rows})
    return fields
