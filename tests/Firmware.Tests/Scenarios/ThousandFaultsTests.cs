using System.Diagnostics;
using Firmware.Tests.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Scenarios;

/// <summary>
/// A thousand faults, by seed, over a few devices that sample on. The promise, held for every row that was ever sampled:
/// it arrives once, or is inside a gap that was told.
/// </summary>
public class ThousandFaultsTests(ITestOutputHelper output)
{
    private const int Devices = 16;
    private const int FaultsEach = 63; // 1,008 of them

    private const int DefaultSeed = 1_125_899_733;

    [Theory]
    [InlineData(VirtualTransport.WebSocket, VirtualTransport.WebSocket)]
    [InlineData(VirtualTransport.LongPolling, VirtualTransport.Polling)]
    public async Task Every_row_arrives_exactly_once_or_is_inside_a_gap(
        VirtualTransport ofTheEven,
        VirtualTransport ofTheOdd
    )
    {
        // The same faults at every run; another seed brings others.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("IOTGW_SEED"), out var given) ? given : DefaultSeed;
        output.WriteLine($"IOTGW_SEED={seed}");
        var took = Stopwatch.StartNew();
        await using var gateway = new FaultyGateway(await TestGateway.StartAsync());
        gateway.Begin();
        var subjects = Enumerable
            .Range(0, Devices)
            .Select(i => new Subject(gateway, $"room-{i}", seed + i, i % 2 == 0 ? ofTheEven : ofTheOdd))
            .ToList();
        await Task.WhenAll(subjects.Select(s => s.SufferAsync(FaultsEach)));
        gateway.Calm();
        await Task.WhenAll(subjects.Select(s => s.RecoverAsync()));
        var sum = subjects.Select(s => s.Verify(seed)).Aggregate((a, b) => a + b);
        foreach (var subject in subjects)
            await subject.DisposeAsync();
        var suffered = Enum.GetValues<Fault>()
            .ToDictionary(fault => fault, fault => subjects.Sum(s => s.Suffered[fault]));
        output.WriteLine($"{suffered.Values.Sum()} faults in {took.Elapsed.TotalSeconds:F1} s: {sum}");
        output.WriteLine(string.Join(", ", suffered.Select(s => $"{s.Key} {s.Value}")));
        Assert.InRange(suffered.Values.Sum(), 1000, int.MaxValue);
        // By requests there is a connection to drop only while one is being answered.
        if (ofTheEven != VirtualTransport.WebSocket)
            suffered.Remove(Fault.LinkDropped);
        Assert.All(suffered, s => Assert.True(s.Value > 0, $"seed {seed}: {s.Key} never happened"));
        Assert.True(sum.Arrived > sum.Rows / 2, $"seed {seed}: hardly anything arrived: {sum}");
        // A gap over everything would keep the promise and say nothing. These boots last two seconds and end without order, so
        // about a third of what arrives is inside what may be lost; on a board it is a minute or two before a power cut.
        Assert.True(sum.Both < sum.Arrived / 2, $"seed {seed}: gaps told for nothing: {sum}");
        // What was done to them was felt: a scenario whose faults do nothing would pass too.
        Assert.All(
            (long[])[sum.InGaps, sum.Damaged, sum.Failed, sum.Spilled, sum.Unread, sum.SinceBoot, sum.Ahead],
            felt => Assert.True(felt > 0, $"seed {seed}: {sum}")
        );
    }
}
