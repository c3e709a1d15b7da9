using System.Buffers;
using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary>A request's body, whole. No more of it is read than may be there.</summary>
internal sealed class RequestReader : IDisposable
{
    private const int FirstRent = 4096;

    private byte[] _buffer = [];
    private int _length;

    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(0, _length);

    /// <summary>Reads to the end.</summary>
    /// <returns>False where there is more than a body may have.</returns>
    public async ValueTask<bool> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        const int most = ProtocolLimits.BodyBytes;
        if (request.ContentLength > most)
            return false;
        // One byte more than is announced: the end is seen without another read.
        _buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? FirstRent) + 1);
        while (true)
        {
            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            _length += read;
            if (read == 0)
                return true;
            if (_length > most)
                return false;
            if (_length == _buffer.Length)
                Grow();
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_length * 2);
        Body.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
