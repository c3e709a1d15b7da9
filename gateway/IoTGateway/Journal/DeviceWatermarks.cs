using System.Runtime.InteropServices;

namespace IoTGateway.Journal;

/// <summary>One device's last sequence per epoch: the last one queued, and the last one on disk.</summary>
/// <remarks>
/// The 16 epochs used last are kept, not the 16 highest: a board whose boot counter was erased starts again at 1,
/// and must not lose deduplication for ever.
/// </remarks>
internal sealed class DeviceWatermarks(string device)
{
    public const int MaxEpochs = 16;

    // The one used last stands last.
    private Mark[] _marks = new Mark[1];

    public string Device { get; } = device;

    public int Count { get; private set; }

    public (uint Epoch, uint Durable) this[int index] => (_marks[index].Epoch, _marks[index].Durable);

    /// <summary>False: this sequence was queued before, and must not be written again.</summary>
    public bool TryQueue(uint epoch, uint sequence)
    {
        ref var mark = ref Use(epoch);
        if (sequence <= mark.Queued)
            return false;
        mark.Queued = sequence;
        return true;
    }

    public void MarkDurable(uint epoch, uint sequence)
    {
        var index = IndexOf(epoch);
        if (index >= 0)
            _marks[index].Durable = Math.Max(_marks[index].Durable, sequence);
    }

    public uint Durable(uint epoch)
    {
        var index = IndexOf(epoch);
        return index < 0 ? 0 : _marks[index].Durable;
    }

    public void Restore(uint epoch, uint sequence)
    {
        ref var mark = ref Use(epoch);
        mark.Durable = Math.Max(mark.Durable, sequence);
        mark.Queued = mark.Durable;
    }

    private int IndexOf(uint epoch)
    {
        for (var i = Count - 1; i >= 0; i--)
            if (_marks[i].Epoch == epoch)
                return i;
        return -1;
    }

    private ref Mark Use(uint epoch)
    {
        var index = IndexOf(epoch);
        var used = index >= 0 ? _marks[index] : new Mark { Epoch = epoch };
        if (index < 0)
            index = Append();
        _marks.AsSpan(index + 1, Count - index - 1).CopyTo(_marks.AsSpan(index));
        _marks[Count - 1] = used;
        return ref _marks[Count - 1];
    }

    private int Append()
    {
        if (Count == MaxEpochs)
            return 0;
        if (Count == _marks.Length)
            Array.Resize(ref _marks, Math.Min(MaxEpochs, Count * 2));
        return Count++;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Mark
    {
        public uint Epoch;
        public uint Queued;
        public uint Durable;
    }
}
