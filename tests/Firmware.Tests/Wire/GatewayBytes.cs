using System.Text;

namespace Firmware.Tests.Wire;

/// <summary>The gateway's messages, written with the platform's own tools and not with the codec under test.</summary>
internal static class GatewayBytes
{
    public const ulong NowMs = 1_790_000_000_000;

    public static byte[] Welcome(uint lastSequence, ushort window, bool wantsCatalog, ulong nowMs = NowMs) =>
        Build(
            0x81,
            w =>
            {
                w.Write((byte)1);
                w.Write(nowMs);
                w.Write(lastSequence);
                w.Write((ushort)30);
                w.Write((ushort)16384);
                w.Write(window);
                w.Write(wantsCatalog ? (byte)1 : (byte)0);
            }
        );

    public static byte[] Ack(uint epoch, uint sequence) =>
        Build(
            0x82,
            w =>
            {
                w.Write(epoch);
                w.Write(sequence);
            }
        );

    public static byte[] Command(Guid id, uint ttlMs, string name, string arguments) =>
        Build(
            0x83,
            w =>
            {
                w.Write(id.ToByteArray());
                w.Write(ttlMs);
                Str(w, name);
                Str(w, arguments);
            }
        );

    public static byte[] Desired(uint version, string json) =>
        Build(
            0x84,
            w =>
            {
                w.Write(version);
                Str(w, json);
            }
        );

    public static byte[] Refused(uint epoch, uint sequence, byte reason) =>
        Build(
            0x85,
            w =>
            {
                w.Write(epoch);
                w.Write(sequence);
                w.Write(reason);
            }
        );

    public static byte[] RetryAfter(uint milliseconds) => Build(0x86, w => w.Write(milliseconds));

    private static void Str(BinaryWriter writer, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        writer.Write7BitEncodedInt(utf8.Length);
        writer.Write(utf8);
    }

    private static byte[] Build(byte type, Action<BinaryWriter> body)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(type);
        body(writer);
        return stream.ToArray();
    }
}
