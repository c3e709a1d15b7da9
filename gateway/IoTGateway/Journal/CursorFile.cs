using System.Buffers.Binary;
using System.Numerics;

namespace IoTGateway.Journal;

/// <summary>
/// A cursor's position on disk: two slots, written in turn. A commit is one write and one sync in place; a write torn
/// by a power cut hits one slot, and the other holds the commit before it.
/// </summary>
/// <remarks>A rename would cost two syncs and two directory changes per commit for the same promise.</remarks>
internal sealed class CursorFile(string path, IJournalStorage storage) : IDisposable
{
    // The slots lie in different sectors and pages.
    private const int SlotDistance = 4096;
    private const int SlotBytes = 32;
    private const int FileBytes = SlotDistance + SlotBytes;
    private const uint Magic = 0x5543_4AF5;

    private readonly byte[] _slot = new byte[SlotBytes];
    private IJournalFile? _file;
    private ulong _generation;

    public string Path => path;

    /// <summary>Reads the newest good slot; null: none is good. Says which slots are damaged.</summary>
    public (long Offset, long ReceivedUnixMs)? Load(Action<JournalDamage> damaged)
    {
        var bytes = File.ReadAllBytes(path);
        (long, long)? best = null;
        for (var position = 0; position < FileBytes; position += SlotDistance)
        {
            if (bytes.Length < position + SlotBytes || !IsValid(bytes.AsSpan(position, SlotBytes)))
            {
                damaged(new JournalDamage(path, position, SlotBytes, "no valid cursor position"));
                continue;
            }
            var slot = bytes.AsSpan(position, SlotBytes);
            var generation = BinaryPrimitives.ReadUInt64LittleEndian(slot[4..]);
            if (best is not null && generation <= _generation)
                continue;
            _generation = generation;
            best = (
                BinaryPrimitives.ReadInt64LittleEndian(slot[12..]),
                BinaryPrimitives.ReadInt64LittleEndian(slot[20..])
            );
        }
        return best;
    }

    /// <summary>Writes both slots; for a new cursor, and for one whose file is beyond repair.</summary>
    public void Create(long offset, long receivedUnixMs)
    {
        Dispose();
        _file = storage.Create(path);
        var both = new byte[FileBytes];
        _generation = 1;
        Fill(both, 0, offset, receivedUnixMs);
        Fill(both.AsSpan(SlotDistance), 1, offset, receivedUnixMs);
        _file.Write(both, 0);
        _file.Sync();
        storage.SyncFolder(System.IO.Path.GetDirectoryName(path)!); // the path has a folder: the table made it
    }

    public void Write(long offset, long receivedUnixMs)
    {
        try
        {
            _file ??= storage.Open(path);
            Fill(_slot, _generation + 1, offset, receivedUnixMs);
            _file.Write(_slot, (long)((_generation + 1) % 2) * SlotDistance);
            _file.Sync();
            _generation++;
        }
        catch
        {
            // As with segments: after a failed sync this handle proves nothing any more.
            Dispose();
            throw;
        }
    }

    public void Delete()
    {
        Dispose();
        storage.Delete(path);
        storage.SyncFolder(System.IO.Path.GetDirectoryName(path)!); // as above
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private static void Fill(Span<byte> slot, ulong generation, long offset, long receivedUnixMs)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(slot, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[4..], generation);
        BinaryPrimitives.WriteInt64LittleEndian(slot[12..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(slot[20..], receivedUnixMs);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[28..], Crc(slot));
    }

    private static bool IsValid(ReadOnlySpan<byte> slot) =>
        BinaryPrimitives.ReadUInt32LittleEndian(slot) == Magic
        && BinaryPrimitives.ReadUInt32LittleEndian(slot[28..]) == Crc(slot);

    private static uint Crc(ReadOnlySpan<byte> slot)
    {
        var crc = uint.MaxValue;
        foreach (var one in slot[..28])
            crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }
}
