using System.Buffers.Binary;
using System.Numerics;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// A stored block: the block of the wire (PROTOCOL.md, "Block"), based at its first row, then its CRC-32C. SQLite does
/// not notice a flipped bit; a chart that is silently wrong is worse than one with a hole.
/// </summary>
internal static class BlockCodec
{
    private const int CrcBytes = 4;

    /// <summary>The bytes of rows in ascending order.</summary>
    public static byte[] Encode(WireWriter writer, RowBlock block)
    {
        writer.Clear();
        BlockEncoder.Write(writer, block, block.Times[0]);
        var crc = Crc(writer.Written);
        writer.U32(crc);
        return writer.ToArray();
    }

    /// <summary>Fills a block from what <see cref="Encode"/> made; false where it is damaged.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> data, Layout layout, long firstMs, RowBlock into)
    {
        if (data.Length < CrcBytes)
            return false;
        var body = data[..^CrcBytes];
        if (BinaryPrimitives.ReadUInt32LittleEndian(data[body.Length..]) != Crc(body))
            return false;
        var reader = new WireReader(body);
        if (reader.U8() != layout.Sensor.Id)
            return false;
        var readingsLeft = int.MaxValue;
        BlockDecoder.Read(ref reader, layout.Sensor, firstMs, into, ref readingsLeft);
        return reader.Finish();
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
