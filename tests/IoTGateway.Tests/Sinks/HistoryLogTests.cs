using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks.History;

namespace IoTGateway.Tests.Sinks;

/// <summary>What devices log, kept beside their rows.</summary>
public sealed class HistoryLogTests : IAsyncDisposable
{
    private readonly HistoryBed _bed = new();

    [Fact]
    public async Task Lines_of_log_go_with_the_retention_and_a_failed_batch_leaves_none_twice()
    {
        _bed.Use(TimeSpan.FromDays(30));
        _bed.Clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        var old = SinkRig.Start - (40 * 86_400_000L);
        await _bed.WriteAsync(_bed.Rig.Batch(Log(old, "old")));
        _bed.Run("CREATE TRIGGER broken BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'power cut'); END");
        var batch = _bed.Rig.Batch(Log(SinkRig.Start, "young"));
        Assert.False((await _bed.Sink.WriteAsync(batch, HistoryBed.Token)).Accepted);
        _bed.Run("DROP TRIGGER broken");
        _bed.Clock.Now += TimeSpan.FromHours(2);
        await _bed.WriteAsync(batch);
        var line = Assert.Single(_bed.Query.Logs(SinkRig.Device, 0, 0, long.MaxValue, 100));
        Assert.Equal(new LogLine(SinkRig.Start, 3, "link", "young"), line);
    }

    [Fact]
    public async Task A_line_of_log_without_a_possible_time_stands_where_it_came()
    {
        var writer = new WireWriter();
        new DeviceLog(3, ClockKind.SinceBoot, 5_000, "link", "no boot time").Write(writer);
        await _bed.WriteAsync(_bed.Rig.Batch(0, [writer.ToArray()]));
        await _bed.WriteAsync(_bed.Rig.Batch(-1_000_000, [writer.ToArray()]));
        Assert.Equal(
            [SinkRig.Start, SinkRig.Start],
            _bed.Query.Logs(SinkRig.Device, 0, 0, long.MaxValue, 100).Select(line => line.UnixMs)
        );
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static byte[] Log(long unixMs, string message)
    {
        var writer = new WireWriter();
        new DeviceLog(3, ClockKind.Unix, (ulong)unixMs, "link", message).Write(writer);
        return writer.ToArray();
    }
}
