using System.IO.Pipelines;

namespace IoTGateway.Tests.Links.Frames;

/// <summary>A stream as a transport.</summary>
internal sealed class StreamConnection(Stream stream) : IDuplexPipe
{
    public PipeReader Input { get; } = PipeReader.Create(stream);

    public PipeWriter Output { get; } = PipeWriter.Create(stream);
}
