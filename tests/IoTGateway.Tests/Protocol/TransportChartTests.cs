using System.Xml.Linq;
using IoTGateway.Bench.Transports;

namespace IoTGateway.Tests.Protocol;

/// <summary>What <c>bench transports</c> makes of what it has measured.</summary>
public class TransportChartTests
{
    private static readonly Observed Run = new(10, 1_000, 200_000, 1_000, 0.5, 0, [3, 4, 90]);

    [Fact]
    public void Once_a_minute_is_the_run_at_one_a_second_and_59_s_of_an_idle_device()
    {
        var polling = Transport.All.First(transport => transport.PollSeconds == 5);
        var cost = TransportCost.Of(polling, TransportCost.Down, 60, Run);
        Assert.Equal(
            (200, 1, 0.5, 4, 90),
            (cost.Bytes, cost.Requests, cost.CpuMilliseconds, cost.MedianMs, cost.P99Ms)
        );

        // 100 devices, each a request a second of 1,000 bytes and 0.1 ms.
        var idle = IdleCost.Of(new Observed(10, 0, 1_000_000, 1_000, 0.1, 0, []), 100).At(polling.IdleRequests);
        var minute = cost.OncePerMinute(idle);
        Assert.Equal(200 + (59 * 200), minute.Bytes, 6);
        Assert.Equal(1 + (59 * 0.2), minute.Requests, 6);
        Assert.Equal(0.5 + (59 * 0.02), minute.CpuMilliseconds, 6);
        Assert.True(minute.IsComputed);
    }

    [Fact]
    public void The_chart_is_SVG_that_shows_each_transport()
    {
        var costs = Transport.All.SelectMany(transport =>
            new[]
            {
                TransportCost.Of(transport, TransportCost.Up, 60, Run with { Milliseconds = [] }),
                TransportCost.Of(transport, TransportCost.Down, 60, Run),
            }
        );
        var svg = XDocument.Parse(new TransportChart([.. costs]).Draw());
        var texts = svg.Descendants()
            .Where(element => element.Name.LocalName == "text")
            .Select(text => text.Value)
            .ToArray();
        Assert.All(Transport.All, transport => Assert.Contains(transport.Name, texts));
        Assert.Contains("200", texts);
        Assert.Contains("90", texts);
    }
}
