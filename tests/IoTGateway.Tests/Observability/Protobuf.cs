using System.Buffers.Binary;

namespace IoTGateway.Tests.Observability;

/// <summary>A protobuf message, decoded as far as OTLP needs it: numbered fields, the bytes of some being messages.</summary>
internal sealed class Protobuf
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    public Protobuf(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var key = Varint(ref bytes);
            var (number, kind) = ((int)(key >> 3), (int)(key & 7));
            if (kind == 0)
                _fields.Add((number, Varint(ref bytes), []));
            else if (kind == 2)
                _fields.Add((number, 0, Take(ref bytes, (int)Varint(ref bytes))));
            else if (kind == 1)
                _fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8)), []));
            else if (kind == 5)
                _fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4)), []));
            else
                throw new InvalidDataException($"Wire type {kind}?");
        }
    }

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<Protobuf> Messages(int number) =>
        _fields.Where(field => field.Number == number).Select(field => new Protobuf(field.Bytes));

    public byte[] Bytes(int number) => _fields.LastOrDefault(field => field.Number == number).Bytes ?? [];

    public string Text(int number) => System.Text.Encoding.UTF8.GetString(Bytes(number));

    public ulong Number(int number) => _fields.LastOrDefault(field => field.Number == number).Value;

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        var taken = bytes[..count].ToArray();
        bytes = bytes[count..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return value;
        }
    }
}
