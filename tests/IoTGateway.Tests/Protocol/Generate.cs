using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IoTGateway.Protocol;

namespace IoTGateway.Tests.Protocol;

/// <summary>Random parts of messages, with the edges of their ranges more often than chance would bring them.</summary>
internal static class Generate
{
    /// <summary>Any 64 bits; every magnitude equally likely, so that varints of every length come up.</summary>
    public static readonly Gen<ulong> U64 =
        from high in Gen.Choose(0, int.MaxValue)
        from middle in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, 3)
        from shift in Gen.Choose(0, 63)
        select (((ulong)high << 33) | ((ulong)middle << 2) | (uint)low) >> shift;

    public static readonly Gen<uint> U32 = Gen.OneOf(
        U64.Select(bits => (uint)bits),
        Gen.Elements(0u, 1u, uint.MaxValue)
    );

    /// <summary>An epoch or a sequence.</summary>
    public static readonly Gen<uint> Positive = U32.Select(number => Math.Max(number, 1));

    public static readonly Gen<ushort> U16 = Gen.Choose(0, ushort.MaxValue).Select(number => (ushort)number);

    public static readonly Gen<byte> U8 = Gen.Choose(0, byte.MaxValue).Select(number => (byte)number);

    public static readonly Gen<ClockKind> Clock = Gen.Elements(ClockKind.SinceBoot, ClockKind.Unix);

    public static readonly Gen<ulong> Time = Gen.OneOf(
        U64.Select(bits => bits % (ProtocolLimits.LatestUnixMs + 1)),
        Gen.Elements(0ul, (ulong)ProtocolLimits.LatestUnixMs)
    );

    /// <summary>The integer of a decimal.</summary>
    public static readonly Gen<long> Integer = Gen.OneOf(
        U64.Select(bits => (long)(bits >> 1) ^ -(long)(bits & 1)),
        Gen.Elements(0L, -1L, long.MaxValue, long.MinValue)
    );

    public static readonly Gen<Guid> Id =
        from high in U64
        from low in U64
        select new Guid([.. BitConverter.GetBytes(high), .. BitConverter.GetBytes(low)]);

    /// <summary>A JSON or log text: anything that UTF-8 can say.</summary>
    public static readonly Gen<string> Text = TextOf(["{", "\"", "\n", "\0", "a", "é", "中", "🌡", "\u007f"], 0, 300);

    /// <summary>A measurement, field, command or category.</summary>
    public static readonly Gen<string> Name = Label(1, ProtocolLimits.NameBytes);

    /// <summary>A firmware or board.</summary>
    public static readonly Gen<string> OptionalLabel = Label(0, ProtocolLimits.NameBytes);

    public static readonly Gen<string> Unit = Label(0, ProtocolLimits.UnitBytes);

    private static Gen<string> Label(int least, int most) =>
        TextOf(["a", "B", "7", "_", " ", "°", "中", "🌡", ".", "/"], least, most);

    /// <summary>A text of pieces that fits so many UTF-8 bytes; the longest that fits is as likely as any other.</summary>
    private static Gen<string> TextOf(string[] pieces, int least, int most) =>
        from limit in Gen.Choose(least, most)
        from parts in Gen.ArrayOf(Gen.Elements(pieces), most)
        select Fit(parts, limit, least);

    private static string Fit(string[] parts, int limit, int least)
    {
        var text = new StringBuilder();
        var bytes = 0;
        foreach (var part in parts)
        {
            bytes += Encoding.UTF8.GetByteCount(part);
            if (bytes > limit)
                break;
            text.Append(part);
        }
        return text.Length < least ? "x" : text.ToString();
    }
}
