using IoTGateway.Admission;
using IoTGateway.Links;
using IoTGateway.Links.Frames;
using IoTGateway.Protocol;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>The data path allocates nothing for a reading.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Admission_allocates_nothing_once_it_is_warm()
    {
        var message = House.Telemetry(1, 1, House.Noon, [.. Enumerable.Range(0, 1000).Select(row => row * 0.37)]);
        var admitted = TelemetryAdmission.Check(message, House.Catalog);
        Assert.Equal((DecodeError.None, 1000, 2000), (admitted.Error, admitted.Rows, admitted.Readings));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            TelemetryAdmission.Check(message, House.Catalog);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>From the socket through the session, the dialect and admission into the journal, while that syncs and acknowledges.</summary>
    [Theory]
    [InlineData(8)]
    [InlineData(1000)]
    public async Task The_way_from_the_socket_into_the_journal_allocates_little_for_a_message_and_nothing_for_a_reading(
        int rows
    )
    {
        const int PerRound = 500;
        await using var gateway = await TestGateway.StartAsync("--Limits:MessagesPerSecondPerDevice=1000000");
        await gateway.AddDeviceAsync("pump");
        var telemetry = House.Telemetry(1, 1, House.Noon, [.. Enumerable.Range(0, rows).Select(row => row % 9 * 0.37)]);
        var connection = new PreparedConnection(
            House.Bytes(House.Hello(1).Write),
            House.Bytes(House.Catalog.Write),
            telemetry,
            rounds: 12,
            PerRound
        );
        using var link = new WebSocketLink(
            "pump",
            new UpgradedConnection(connection, connection.Abort),
            IotgwDialect.Name,
            gateway.Get<LinkServices>()
        );
        var running = link.RunAsync(() => true, CancellationToken.None);
        await connection.Read.Task.WaitAsync(Patience.Long, TestContext.Current.CancellationToken);
        await Patience.UntilAsync(
            () => link.Listener?.Status.Acknowledged.Sequence == 12 * PerRound,
            "the last receipt"
        );
        connection.Abort();
        await running;
        // The first rounds grow buffers and meet code that is not compiled yet. In a debug build each asynchronous method
        // allocates its state, which is the same for a message of 16 readings and for one of 2,000.
        const int PerMessage = 500;
        Assert.InRange(connection.Allocated.Min(), 0, PerMessage * PerRound);
    }
}
