using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice.StandIns;

namespace Firmware.Tests.Device;

/// <summary>
/// What the loop that samples and sends for ever takes from the heap: a whole device, its drivers, flash, clock and link to
/// a server, looked at from its own thread.
/// </summary>
public class SteadyLoopTests(ITestOutputHelper output)
{
    // By then what is built once is built. Behind it one stretch, and one of twice its length.
    private const int Warm = 20;
    private const int AfterFirst = 40;
    private const int AfterSecond = 80;

    private const int TicksPerMessage = 4;
    private const int AckBytes = 9;

    [Fact]
    public async Task A_row_takes_nothing_and_a_message_the_copies_that_the_stock_client_makes_necessary()
    {
        var probe = new HeapProbe(Warm, AfterFirst, AfterSecond);
        await using var gateway = await TestGateway.StartAsync();
        List<byte[]> messages;
        await using (
            DeviceUnderTest.Start(gateway.LinkUri, o => o with { Configure = Hasten, OnRow = null, Time = probe })
        )
            messages = await TakeAsync(await gateway.AcceptAsync(), AfterSecond + 1);

        Report(probe, messages);
        foreach (var (from, to) in ((HeapPoint, HeapPoint)[])[(probe[0], probe[1]), (probe[1], probe[2])])
        {
            var sent = messages[from.Sends..to.Sends];
            Assert.All(sent, message => Assert.Equal(MessageType.Telemetry, message[0]));
            var taken = to.Allocated - from.Allocated - (to.TakenBySends - from.TakenBySends);
            // The client scribbles on what it is given, so it is given a copy: nothing beyond, however many rows.
            Assert.Equal(sent.Sum(message => HeapBytes(message.Length)), taken);
        }

        // On the client's thread, as its buffer is filled again.
        Assert.Equal(HeapBytes(AckBytes), probe.TakenForLastReceived);
    }

    /// <summary>Ten milliseconds are the shortest interval at which rows can bear the times at which they were read.</summary>
    private static void Hasten(DeviceSettings settings)
    {
        settings.SampleIntervalMs = 10;
        settings.RowsPerMessage = TicksPerMessage;
        // The small write to flash of every minute aside.
        settings.LookAheadMs = 3_600_000;
    }

    /// <summary>All that the device sends, in its order; each TELEMETRY is acknowledged.</summary>
    private static async Task<List<byte[]>> TakeAsync(TestLink link, int count)
    {
        await link.GreetAsync();
        var messages = new List<byte[]> { new[] { MessageType.Hello } };
        while (messages.Count < count)
        {
            var message = await link.NextAsync();
            messages.Add(message);
            if (message[0] != MessageType.Telemetry)
                continue;
            var telemetry = DeviceMessageReader.Telemetry(message, TestCatalog.Virtual);
            Assert.NotNull(telemetry);
            await link.AckAsync(telemetry);
        }

        return messages;
    }

    private void Report(HeapProbe probe, List<byte[]> messages)
    {
        var (from, to) = (probe[0], probe[2]);
        double sends = to.Sends - from.Sends;
        output.WriteLine(
            $"per message of {TicksPerMessage} rows of each sensor: "
                + $"{messages[from.Sends..to.Sends].Average(message => message.Length):F1} bytes, on the device's thread "
                + $"{(to.Allocated - from.Allocated) / sends:F1} bytes of heap, of which the client takes "
                + $"{(to.TakenBySends - from.TakenBySends) / sends:F1}; per ACK {probe.TakenForLastReceived} on the client's"
        );
    }

    /// <summary>An array of bytes on this heap: its header, type and length, and whole words.</summary>
    private static long HeapBytes(int length) => (length + 24 + 7) / 8 * 8;

    private readonly record struct HeapPoint(int Sends, long Allocated, long TakenBySends);

    /// <summary>The device's time, and who asks for it on the device's thread shows the heap as it is there.</summary>
    /// <param name="afterSends">To look when so many messages are out, or as soon as more are.</param>
    private sealed class HeapProbe(params int[] afterSends) : TimeProvider
    {
        private static readonly string DeviceThread = DeviceUnderTest.Token.Split('.')[0];

        private readonly HeapPoint[] _points = new HeapPoint[afterSends.Length];
        private int _taken;
        private ClientHeap? _client;

        public HeapPoint this[int index] => _points[index];

        public long TakenForLastReceived => _client?.TakenForLastReceived ?? 0;

        public override long GetTimestamp()
        {
            if (_taken < _points.Length && Thread.CurrentThread.Name == DeviceThread)
                Look(Machine.Current.ClientHeap);
            return base.GetTimestamp();
        }

        private void Look(ClientHeap client)
        {
            _client = client;
            if (client.Sends < afterSends[_taken])
                return;

            var allocated = global::System.GC.GetAllocatedBytesForCurrentThread();
            _points[_taken++] = new((int)client.Sends, allocated, client.TakenBySends);
        }
    }
}
