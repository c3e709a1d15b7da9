using IoTGateway.Bench;

namespace IoTGateway.Tests.Protocol;

public class WireSizeTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(60)]
    public void A_reading_of_a_real_house_costs_no_more_than_its_target(int rows)
    {
        SkipWithoutData();
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

    private static void SkipWithoutData()
    {
        if (File.Exists(HouseData.DefaultPath))
            return;
        var required = Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1";
        Assert.False(required, $"No data at {HouseData.DefaultPath}, and IOTGW_REQUIRE_SERVERS=1 demands it.");
        Assert.Skip($"No data at {HouseData.DefaultPath}.");
    }
}
