#pragma warning disable IDE0130 // The namespace is nanoFramework's.
namespace System;

#pragma warning restore IDE0130

/// <summary>nanoFramework's span of bytes, as far as the firmware uses it.</summary>
internal readonly ref struct SpanByte
{
    private readonly Span<byte> _bytes;

    public SpanByte(byte[] array) => _bytes = array;

    /// <exception cref="ArgumentOutOfRangeException">The range is not within the array.</exception>
    public SpanByte(byte[] array, int start, int length) => _bytes = new Span<byte>(array, start, length);

    private SpanByte(Span<byte> bytes) => _bytes = bytes;

    public static SpanByte Empty => default;

    public int Length => _bytes.Length;

    public bool IsEmpty => _bytes.IsEmpty;

    public byte this[int index]
    {
        get => _bytes[index];
        set => _bytes[index] = value;
    }

    public SpanByte Slice(int start, int length) => new(_bytes.Slice(start, length));

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>For the stand-ins alone: a board has no such thing.</summary>
    internal Span<byte> AsSpan() => _bytes;
}
