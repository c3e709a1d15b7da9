using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace IoTGateway.Journal;

internal enum RecordStatus
{
    Valid,

    /// <summary>What is there could be a record; its end is not.</summary>
    Incomplete,
    Invalid,
}

/// <summary>The bytes of one record; README.md in this folder is the specification.</summary>
internal static class RecordFormat
{
    public const int MaxBodyBytes = 16 * 1024;
    public const int MaxDeviceIdBytes = 63;
    public const byte MessageKind = 1;
    public const byte SnapshotKind = 2;

    /// <summary>Body of a record that makes the journal forget its device's sequences; no message begins with 0.</summary>
    public const byte ForgetMark = 0;

    /// <summary>magic u16, length u32, CRC u32.</summary>
    public const int PrefixBytes = 10;

    /// <summary>kind u8, previous end i64, chunk u32, chunks u32, devices u16.</summary>
    public const int SnapshotHeaderBytes = 19;

    /// <summary>Without the device id, whose length is added.</summary>
    public const int MessageHeaderBytes = 30;
    public const int MaxPayloadBytes = MessageHeaderBytes + MaxDeviceIdBytes + MaxBodyBytes;
    public const int MaxRecordBytes = PrefixBytes + MaxPayloadBytes;

    private const int DeviceLengthAt = 21;

    /// <summary>0xF5 never occurs in UTF-8, so a JSON body cannot look like the start of a record.</summary>
    public static ReadOnlySpan<byte> Magic => [0xF5, 0x4A];

    public static int MessageBytes(int deviceLength, int bodyLength) =>
        PrefixBytes + MessageHeaderBytes + deviceLength + bodyLength;

    /// <summary>Writes a message record but its CRC, which needs the offset: <see cref="Seal"/> adds it.</summary>
    public static int WriteMessage(Span<byte> target, in JournalEntry entry, ReadOnlySpan<byte> body)
    {
        var idLength = entry.Device.Length;
        var total = MessageBytes(idLength, body.Length);
        WritePrefix(target, total);
        var payload = target[PrefixBytes..total];
        payload[0] = MessageKind;
        BinaryPrimitives.WriteInt64LittleEndian(payload[1..], entry.ReceivedUnixMs);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[9..], entry.CatalogHash);
        BinaryPrimitives.WriteInt64LittleEndian(payload[13..], entry.ClockOffsetMs);
        payload[DeviceLengthAt] = (byte)idLength;
        Encoding.ASCII.GetBytes(entry.Device, payload[(DeviceLengthAt + 1)..]);
        var rest = payload[(DeviceLengthAt + 1 + idLength)..];
        BinaryPrimitives.WriteUInt32LittleEndian(rest, entry.Epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[4..], entry.Sequence);
        body.CopyTo(rest[8..]);
        return total;
    }

    public static void WritePrefix(Span<byte> target, int totalBytes)
    {
        Magic.CopyTo(target);
        BinaryPrimitives.WriteUInt32LittleEndian(target[2..], (uint)(totalBytes - PrefixBytes));
    }

    /// <summary>Computes the CRC of every record in a run that will be written at <paramref name="offset"/>.</summary>
    public static void Seal(Span<byte> records, long offset)
    {
        while (!records.IsEmpty)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(records[2..]);
            var crc = Crc(offset, (uint)length, records.Slice(PrefixBytes, length));
            BinaryPrimitives.WriteUInt32LittleEndian(records[6..], crc);
            offset += PrefixBytes + length;
            records = records[(PrefixBytes + length)..];
        }
    }

    /// <summary>Whether a record stands at the start of <paramref name="bytes"/>, and how long it is.</summary>
    public static RecordStatus Check(ReadOnlySpan<byte> bytes, long offset, out int totalBytes)
    {
        totalBytes = 0;
        var known = Math.Min(bytes.Length, Magic.Length);
        if (!bytes[..known].SequenceEqual(Magic[..known]))
            return RecordStatus.Invalid;
        if (bytes.Length < PrefixBytes)
            return RecordStatus.Incomplete;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]);
        if (length is < SnapshotHeaderBytes or > MaxPayloadBytes)
            return RecordStatus.Invalid;
        totalBytes = PrefixBytes + (int)length;
        // Cheap checks before the CRC: a search through damage must not pay for every pair of bytes like the magic.
        if (!HeaderIsSane(bytes[PrefixBytes..], (int)length))
            return RecordStatus.Invalid;
        if (bytes.Length < totalBytes)
            return RecordStatus.Incomplete;
        var crc = Crc(offset, length, bytes[PrefixBytes..totalBytes]);
        return crc == BinaryPrimitives.ReadUInt32LittleEndian(bytes[6..]) ? RecordStatus.Valid : RecordStatus.Invalid;
    }

    /// <summary>Whether a record tells to forget its device's sequences.</summary>
    public static bool IsForget(uint epoch, ReadOnlySpan<byte> body) => epoch == 0 && body is [ForgetMark];

    public static ReadOnlySpan<byte> DeviceId(ReadOnlySpan<byte> payload) =>
        payload.Slice(DeviceLengthAt + 1, payload[DeviceLengthAt]);

    private static bool HeaderIsSane(ReadOnlySpan<byte> payload, int length)
    {
        if (payload.IsEmpty || payload[0] == SnapshotKind)
            return true;
        if (payload[0] != MessageKind || length <= MessageHeaderBytes)
            return false;
        if (payload.Length <= DeviceLengthAt)
            return true;
        var idLength = payload[DeviceLengthAt];
        return idLength is >= 1 and <= MaxDeviceIdBytes && MessageHeaderBytes + idLength < length;
    }

    /// <summary>
    /// The offset is part of the sum: a record is valid only where it was written, so neither a body that contains
    /// the image of a record nor a stale block of the disk is taken for one when a reader searches past damage.
    /// </summary>
    private static uint Crc(long offset, uint length, ReadOnlySpan<byte> payload)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, (ulong)offset);
        crc = BitOperations.Crc32C(crc, length);
        var words = MemoryMarshal.Cast<byte, ulong>(payload);
        foreach (var word in words)
            crc = BitOperations.Crc32C(
                crc,
                BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word)
            );
        foreach (var one in payload[(words.Length * sizeof(ulong))..])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
