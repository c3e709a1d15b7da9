namespace IoTGateway.Fuzz;

/// <summary>Makes messages that are almost right: the kind that reach the deeper branches of a decoder.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> corpus)
{
    /// <summary>Values that sit on the edges of varints, counts and signs.</summary>
    private static readonly byte[] Edges = [0x00, 0x01, 0x02, 0x03, 0x40, 0x41, 0x7F, 0x80, 0x81, 0xFE, 0xFF];

    private readonly byte[] _buffer = new byte[4096];

    /// <summary>A message, valid until the next.</summary>
    /// <param name="from">Number of the corpus message it was made from, or -1 for random bytes.</param>
    public ReadOnlySpan<byte> Next(out int from)
    {
        if (random.Next(16) == 0)
            return RandomBytes(out from);
        from = random.Next(corpus.Count);
        var source = corpus[from];
        var length = Math.Min(source.Length, _buffer.Length);
        source.AsSpan(0, length).CopyTo(_buffer);
        for (var times = random.Next(1, 4); times > 0; times--)
            length = Mutate(length);
        return _buffer.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> RandomBytes(out int from)
    {
        from = -1;
        var bytes = _buffer.AsSpan(0, random.Next(200));
        random.NextBytes(bytes);
        if (!bytes.IsEmpty && random.Next(2) == 0)
            bytes[0] = (byte)(random.Next(2) == 0 ? random.Next(1, 9) : random.Next(0x81, 0x87));
        return bytes;
    }

    private int Mutate(int length) =>
        random.Next(7) switch
        {
            0 => Flip(length),
            1 => SetByte(length),
            2 => length == 0 ? 0 : random.Next(length),
            3 => Insert(length),
            4 => Remove(length),
            5 => Splice(length),
            _ => Repeat(length),
        };

    private int Flip(int length)
    {
        if (length > 0)
            _buffer[random.Next(length)] ^= (byte)(1 << random.Next(8));
        return length;
    }

    private int SetByte(int length)
    {
        if (length > 0)
            _buffer[random.Next(length)] =
                random.Next(2) == 0 ? Edges[random.Next(Edges.Length)] : (byte)random.Next(256);
        return length;
    }

    private int Insert(int length)
    {
        if (length == _buffer.Length)
            return length;
        var at = random.Next(length + 1);
        _buffer.AsSpan(at, length - at).CopyTo(_buffer.AsSpan(at + 1));
        _buffer[at] = Edges[random.Next(Edges.Length)];
        return length + 1;
    }

    private int Remove(int length)
    {
        if (length == 0)
            return 0;
        var at = random.Next(length);
        _buffer.AsSpan(at + 1, length - at - 1).CopyTo(_buffer.AsSpan(at));
        return length - 1;
    }

    /// <summary>The end of another message in place of this one's.</summary>
    private int Splice(int length)
    {
        var other = corpus[random.Next(corpus.Count)];
        var at = random.Next(length + 1);
        var tail = other.AsSpan(random.Next(other.Length + 1));
        tail = tail[..Math.Min(tail.Length, _buffer.Length - at)];
        tail.CopyTo(_buffer.AsSpan(at));
        return at + tail.Length;
    }

    /// <summary>A part of the message a second time at its end.</summary>
    private int Repeat(int length)
    {
        var at = random.Next(length + 1);
        var count = Math.Min(random.Next(length - at + 1), _buffer.Length - length);
        _buffer.AsSpan(at, count).CopyTo(_buffer.AsSpan(length));
        return length + count;
    }
}
