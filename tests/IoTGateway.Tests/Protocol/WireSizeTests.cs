using System.Text.Json;
using IoTGateway.Bench;
using IoTGateway.Bench.Wire;
using IoTGateway.Links.Senml;
using IoTGateway.Tests.Benches;

namespace IoTGateway.Tests.Protocol;

public class WireSizeTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void A_reading_of_a_real_house_costs_no_more_than_its_target(int rows)
    {
        HouseFile.SkipWithout();
        var house = HouseData.Load(HouseData.DefaultPath);

        var cost = WireSize.Measure(house, WireSize.Layout(house), rows);

        Assert.Equal(19_735 * 22, cost.Readings);
        Assert.InRange(cost.BytesPerReading, 0.5, WireVerb.Targets[rows]);
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(125, 6)]
    [InlineData(126, 8)]
    [InlineData(65_535, 8)]
    [InlineData(65_536, 14)]
    public void A_masked_WebSocket_header_grows_with_its_payload(int payload, int header) =>
        Assert.Equal(header, WireSize.Header(payload));

    [Fact]
    public void The_SenML_pack_that_it_is_compared_with_says_the_same_to_the_gateway()
    {
        HouseFile.SkipWithout();
        var house = HouseData.Load(HouseData.DefaultPath);

        using var pack = JsonDocument.Parse(WirePeers.Senml(house, 100, 5));
        var error = SenmlPack.TryRead(pack.RootElement, "house", house.Times[^1], out var records);

        Assert.Null(error);
        var expected = Enumerable
            .Range(100, 5)
            .SelectMany(row => house.Hundredths.Select(column => (house.Times[row], column[row] / 100m)));
        Assert.Equal(expected, records.Select(record => (record.TimeMs, record.Number ?? 0m)));
    }
}
