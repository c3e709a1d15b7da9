using System.Buffers.Binary;
using System.Text;

namespace IoTGateway.Journal;

/// <summary>
/// The durable watermarks as records at the start of a segment, so that recovery reads one segment and not all.
/// Chunked: no record is larger than a message may be.
/// </summary>
internal static class WatermarkSnapshot
{
    private const int PreviousEndAt = 1;
    private const int ChunkAt = 9;
    private const int ChunksAt = 13;
    private const int DevicesAt = 17;
    private const int MarkBytes = 8;
    private const int MaxDeviceBytes = 1 + RecordFormat.MaxDeviceIdBytes + 1 + (DeviceWatermarks.MaxEpochs * MarkBytes);

    /// <summary>All chunks, ready for <see cref="RecordFormat.Seal"/>.</summary>
    public static byte[] Build(Watermarks watermarks, long previousEnd)
    {
        var bytes = new byte[RecordFormat.MaxRecordBytes + (watermarks.Count * MaxDeviceBytes * 2)];
        var starts = new List<int>();
        var used = 0;
        using var devices = watermarks.Devices.GetEnumerator();
        var more = devices.MoveNext();
        do
        {
            starts.Add(used);
            var chunk = bytes.AsSpan(used);
            var length = RecordFormat.PrefixBytes + RecordFormat.SnapshotHeaderBytes;
            ushort count = 0;
            for (; more && length + MaxDeviceBytes <= RecordFormat.MaxRecordBytes; more = devices.MoveNext(), count++)
                length += WriteDevice(chunk[length..], devices.Current);
            RecordFormat.WritePrefix(chunk, length);
            WriteHeader(chunk[RecordFormat.PrefixBytes..], previousEnd, starts.Count - 1, count);
            used += length;
        } while (more);
        foreach (var start in starts)
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(start + RecordFormat.PrefixBytes + ChunksAt),
                (uint)starts.Count
            );
        return bytes[..used];
    }

    public static long PreviousEnd(ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadInt64LittleEndian(payload[PreviousEndAt..]);

    public static uint Chunk(ReadOnlySpan<byte> payload) => BinaryPrimitives.ReadUInt32LittleEndian(payload[ChunkAt..]);

    public static uint Chunks(ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(payload[ChunksAt..]);

    /// <summary>A chunk tells what was durable when it was written, so it can only raise a watermark.</summary>
    public static void Merge(ReadOnlySpan<byte> payload, Watermarks watermarks)
    {
        var devices = BinaryPrimitives.ReadUInt16LittleEndian(payload[DevicesAt..]);
        var rest = payload[RecordFormat.SnapshotHeaderBytes..];
        for (var i = 0; i < devices; i++)
        {
            var idLength = rest[0];
            var marks = watermarks.For(Encoding.ASCII.GetString(rest.Slice(1, idLength)));
            var epochs = rest[1 + idLength];
            rest = rest[(2 + idLength)..];
            for (var j = 0; j < epochs; j++, rest = rest[MarkBytes..])
                marks.Restore(
                    BinaryPrimitives.ReadUInt32LittleEndian(rest),
                    BinaryPrimitives.ReadUInt32LittleEndian(rest[4..])
                );
        }
    }

    private static void WriteHeader(Span<byte> payload, long previousEnd, int chunk, ushort devices)
    {
        payload[0] = RecordFormat.SnapshotKind;
        BinaryPrimitives.WriteInt64LittleEndian(payload[PreviousEndAt..], previousEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[ChunkAt..], (uint)chunk);
        BinaryPrimitives.WriteUInt16LittleEndian(payload[DevicesAt..], devices);
    }

    private static int WriteDevice(Span<byte> target, DeviceWatermarks marks)
    {
        var idLength = Encoding.ASCII.GetBytes(marks.Device, target[1..]);
        target[0] = (byte)idLength;
        target[1 + idLength] = (byte)marks.Count;
        var rest = target[(2 + idLength)..];
        for (var i = 0; i < marks.Count; i++)
        {
            var (epoch, durable) = marks[i];
            BinaryPrimitives.WriteUInt32LittleEndian(rest[(i * MarkBytes)..], epoch);
            BinaryPrimitives.WriteUInt32LittleEndian(rest[((i * MarkBytes) + 4)..], durable);
        }
        return 2 + idLength + (marks.Count * MarkBytes);
    }
}
