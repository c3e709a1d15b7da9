using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Journal;

/// <summary>Reads the records of segments, and gets past whatever a disk has done to them. One user at a time.</summary>
internal sealed class RecordReader(DamageLog damages, bool withSnapshots = false) : IDisposable
{
    private const int SectorBytes = 4096;

    private SafeFileHandle? _handle;
    private Segment? _opened;

    /// <summary>The first offset that held no valid record; the highest value if all did.</summary>
    public long FirstDamage { get; private set; } = long.MaxValue;

    /// <summary>Adds records from <paramref name="from"/> on; returns where to read next. It always advances.</summary>
    public long Read(Segment segment, long from, long end, JournalBatch batch, int maxBytes)
    {
        var want = (int)Math.Min(Math.Max(maxBytes, RecordFormat.MaxRecordBytes), end - from);
        var buffer = batch.Reserve(Math.Max(maxBytes, RecordFormat.MaxRecordBytes))[..want];
        if (!TryOpen(segment))
        {
            // A segment that the journal removed is no damage: only a reader that holds nothing back meets one.
            if (!segment.Removed)
                Damaged(segment, from, end, "the file is missing");
            return end;
        }
        var got = ReadBytes(segment, buffer.Span, from);
        if (got > 0)
            return Parse(segment, buffer[..got], from, end, batch);
        var skipTo = Math.Min(end, ((from / SectorBytes) + 1) * SectorBytes);
        if (got == 0)
            skipTo = end;
        Damaged(segment, from, skipTo, got == 0 ? "the file ends too early" : "the disk cannot read this");
        return skipTo;
    }

    public void Dispose() => Close();

    private long Parse(Segment segment, ReadOnlyMemory<byte> bytes, long from, long end, JournalBatch batch)
    {
        var position = 0;
        while (position < bytes.Length)
        {
            var status = RecordFormat.Check(bytes.Span[position..], from + position, out var total);
            if (status == RecordStatus.Valid)
            {
                Add(bytes.Slice(position, total), from + position, batch);
                position += total;
                continue;
            }
            // The rest of this record comes with the next read.
            if (status == RecordStatus.Incomplete && position > 0 && from + bytes.Length < end)
                break;
            var next = FindNext(bytes.Span, position + 1, from);
            Damaged(segment, from + position, from + next, "no valid record");
            position = next;
        }
        return from + position;
    }

    /// <summary>Where a record starts, or may start, or else the end of the bytes.</summary>
    private static int FindNext(ReadOnlySpan<byte> bytes, int start, long from)
    {
        for (var at = start; at < bytes.Length; at++)
        {
            var skip = bytes[at..].IndexOf(RecordFormat.Magic[0]);
            if (skip < 0)
                break;
            at += skip;
            if (RecordFormat.Check(bytes[at..], from + at, out _) != RecordStatus.Invalid)
                return at;
        }
        return bytes.Length;
    }

    private void Add(ReadOnlyMemory<byte> record, long offset, JournalBatch batch)
    {
        var payload = record[RecordFormat.PrefixBytes..];
        var span = payload.Span;
        if (span[0] == RecordFormat.SnapshotKind)
        {
            if (withSnapshots)
                batch.Add(new JournalRecord(new JournalOffset(offset), "", 0, 0, 0, 0, 0, payload));
            return;
        }
        var device = RecordFormat.DeviceId(span);
        var header = RecordFormat.MessageHeaderBytes + device.Length;
        batch.Add(
            new JournalRecord(
                new JournalOffset(offset),
                batch.Name(device),
                BinaryPrimitives.ReadInt64LittleEndian(span[1..]),
                BinaryPrimitives.ReadUInt32LittleEndian(span[9..]),
                BinaryPrimitives.ReadInt64LittleEndian(span[13..]),
                BinaryPrimitives.ReadUInt32LittleEndian(span[(header - 8)..]),
                BinaryPrimitives.ReadUInt32LittleEndian(span[(header - 4)..]),
                payload[header..]
            )
        );
    }

    /// <summary>How many bytes; 0: the file ends here; -1: the disk refuses this very place.</summary>
    private int ReadBytes(Segment segment, Span<byte> target, long from)
    {
        var got = 0;
        try
        {
            while (got < target.Length)
            {
                var read = RandomAccess.Read(_handle!, target[got..], from - segment.Start + got); // opened by Read
                if (read == 0)
                    break;
                got += read;
            }
        }
        catch (IOException) when (got > 0)
        {
            // What came before the bad place is good; the next read starts at it.
        }
        catch (IOException)
        {
            return -1;
        }
        return got;
    }

    private bool TryOpen(Segment segment)
    {
        if (_opened == segment && _handle is not null)
            return true;
        Close();
        try
        {
            const FileShare All = FileShare.ReadWrite | FileShare.Delete;
            _handle = File.OpenHandle(segment.Path, FileMode.Open, FileAccess.Read, All);
            _opened = segment;
            return true;
        }
        catch (IOException failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private void Close()
    {
        _handle?.Dispose();
        (_handle, _opened) = (null, null);
    }

    private void Damaged(Segment segment, long from, long to, string what)
    {
        FirstDamage = Math.Min(FirstDamage, from);
        damages.Report(new JournalDamage(segment.Path, from - segment.Start, to - from, what));
    }
}
