"""The primitives of iotgw.v1 and its block: the rows of one sensor."""

import math
import struct

LATEST_MS = 9_223_372_036_854
DECIMAL, FLOAT32, BOOLEAN = 0, 1, 2
MISSING, CONSTANT, SERIES, SPARSE = 0, 1, 2, 3


class DecodeError(Exception):
    """Bytes that are not a message; its text is the reason, as the vectors spell it."""


class Writer:
    def __init__(self):
        self.data = bytearray()

    def u8(self, value):
        self.data.append(value)

    def varint(self, value):
        while value >= 0x80:
            self.data.append(value & 0x7F | 0x80)
            value >>= 7
        self.data.append(value)

    def svarint(self, value):
        self.varint(value << 1 if value >= 0 else (-value << 1) - 1)

    def text(self, value):
        raw = value.encode("utf-8")
        self.varint(len(raw))
        self.data += raw


class Reader:
    def __init__(self, data):
        self._data, self._at = data, 0

    @property
    def left(self):
        return len(self._data) - self._at

    def take(self, count):
        if count > self.left:
            raise DecodeError("truncated")
        self._at += count
        return self._data[self._at - count:self._at]

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if value >= 1 << 64:
                break
            if byte < 0x80:
                return value
        raise DecodeError("bad-varint")

    def svarint(self):
        raw = self.varint()
        return raw >> 1 if raw & 1 == 0 else -(raw >> 1) - 1

    def count(self, limit):
        value = self.varint()
        if value > limit:
            raise DecodeError("too-large")
        return value


def write_block(writer, sensor, base, rows):
    """Rows are [ms, value, value, …], times ascending; None is a missing value, a decimal is its integer."""
    writer.u8(sensor["sensorId"])
    writer.varint(len(rows))
    times = [row[0] for row in rows]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    writer.varint(times[0] - base)
    if len(set(gaps)) == 1 and gaps[0] > 0:
        writer.varint(gaps[0])
    else:
        writer.varint(0)
        for gap in gaps:
            writer.varint(gap)
    for index, field in enumerate(sensor["fields"], 1):
        _write_column(writer, field["type"], [row[index] for row in rows])


def _write_column(writer, kind, column):
    present = [value for value in column if value is not None]
    if not present:
        writer.u8(MISSING)
    elif len(present) < len(column):
        writer.u8(SPARSE)
        writer.data += _bitmap([value is not None for value in column])
        _write_series(writer, kind, present)
    elif len({repr(value) for value in present}) == 1:
        writer.u8(CONSTANT)
        if kind == BOOLEAN:
            writer.u8(int(present[0]))
        else:
            _write_series(writer, kind, present[:1])
    else:
        writer.u8(SERIES)
        _write_series(writer, kind, present)


def _write_series(writer, kind, values):
    if kind == BOOLEAN:
        writer.data += _bitmap(values)
    elif kind == FLOAT32:
        writer.data += struct.pack(f"<{len(values)}f", *values)
    else:
        previous = 0
        for value in values:
            writer.svarint(_wrap(value - previous))
            previous = value


def _bitmap(bits):
    data = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        data[index // 8] |= int(bit) << index % 8
    return data


def _wrap(value):
    """Into a signed 64-bit integer."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def read_block(reader, sensor, base, readings):
    """The rows of a block whose sensor id is read already."""
    count = reader.count(4096)
    if count == 0:
        raise DecodeError("bad-value")
    if count * len(sensor["fields"]) > readings:
        raise DecodeError("too-large")
    time, interval = base + reader.varint(), reader.varint()
    rows = []
    for row in range(count):
        if row:
            time += interval or reader.varint()
        if time > LATEST_MS:
            raise DecodeError("time-out-of-range")
        rows.append([time])
    for field in sensor["fields"]:
        for row, value in zip(rows, _read_column(reader, field["type"], count)):
            row.append(value)
    return rows


def _read_column(reader, kind, rows):
    encoding = reader.u8()
    if encoding == MISSING:
        return [None] * rows
    if encoding == CONSTANT:
        return [_read_constant(reader, kind)] * rows
    if encoding == SERIES:
        return _read_series(reader, kind, rows)
    if encoding != SPARSE:
        raise DecodeError("bad-value")
    presence = _read_bitmap(reader, rows)
    if not any(presence):
        raise DecodeError("bad-value")
    values = iter(_read_series(reader, kind, sum(presence)))
    return [next(values) if present else None for present in presence]


def _read_constant(reader, kind):
    if kind != BOOLEAN:
        return _read_series(reader, kind, 1)[0]
    value = reader.u8()
    if value > 1:
        raise DecodeError("bad-value")
    return value == 1


def _read_series(reader, kind, count):
    if kind == BOOLEAN:
        return _read_bitmap(reader, count)
    if kind == FLOAT32:
        floats = struct.unpack(f"<{count}f", reader.take(4 * count))
        return [value if math.isfinite(value) else None for value in floats]
    values, value = [], 0
    for _ in range(count):
        value = _wrap(value + reader.svarint())
        values.append(value)
    return values


def _read_bitmap(reader, count):
    raw = reader.take((count + 7) // 8)
    if count % 8 and raw[-1] >> count % 8:
        raise DecodeError("bad-value")
    return [raw[index // 8] >> index % 8 & 1 == 1 for index in range(count)]
