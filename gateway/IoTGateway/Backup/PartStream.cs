using System.Security.Cryptography;

namespace IoTGateway.Backup;

/// <summary>The first bytes of a file that may grow meanwhile, and their hash.</summary>
internal sealed class PartStream(FileStream file, long length) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    // An archive asks for the length, and where it begins.
    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException("It is read once, from its start.");
    }

    /// <summary>Of what was read; lower-case hex.</summary>
    public string Sha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer) => Took(buffer, file.Read(Left(buffer)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await file.ReadAsync(buffer[..Left(buffer.Span).Length], cancellationToken);
        return Took(buffer.Span, read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private Span<byte> Left(Span<byte> buffer) => buffer[..(int)Math.Min(buffer.Length, length - _position)];

    private int Took(Span<byte> buffer, int read)
    {
        if (read == 0 && _position < length && buffer.Length > 0)
            throw new IOException($"{file.Name} became shorter while it was read: try the backup again.");
        _hash.AppendData(buffer[..read]);
        _position += read;
        return read;
    }
}
