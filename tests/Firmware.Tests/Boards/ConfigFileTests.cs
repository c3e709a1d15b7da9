using IoTGateway.Device.Boards;

namespace Firmware.Tests.Boards;

/// <summary>What <c>iotgw provision</c> writes, as the board reads it; its own tests hold the bytes.</summary>
public class ConfigFileTests
{
    [Fact]
    public void Gateway_token_and_first_epoch_are_read()
    {
        var settings = DeviceSettings.Parse(
            """{"gateway":"wss://gateway.local:8443/v1/link","token":"room-1.c2VjcmV0","epoch":217123456}"""
        );

        Assert.Equal("wss://gateway.local:8443/v1/link", settings.Gateway);
        Assert.Equal("room-1.c2VjcmV0", settings.Token);
        Assert.Equal(217_123_456u, settings.FirstEpoch);
    }

    [Theory]
    [InlineData("", 0, 30_000)]
    [InlineData(",\"transport\":\"auto\"", 0, 30_000)]
    [InlineData(",\"transport\":\"websocket\"", 1, 30_000)]
    [InlineData(",\"transport\":\"long-polling\"", 2, 30_000)]
    [InlineData(",\"transport\":\"polling\",\"pollIntervalMs\":60000", 3, 60_000)]
    [InlineData(",\"transport\":\"pigeon\",\"pollIntervalMs\":5", 0, 30_000)]
    public void The_transport_is_read_and_left_to_the_device_where_it_is_none(string given, int transport, int pollMs)
    {
        var settings = DeviceSettings.Parse($$"""{"gateway":"ws://a","token":"b.c"{{given}}}""");

        Assert.Equal(
            (transport, transport, pollMs),
            (settings.Transport, settings.ProvenTransport, settings.PollIntervalMs)
        );
    }

    [Theory]
    [InlineData("", "esp32-devkitc")]
    [InlineData(",\"board\":\"esp32-s3-devkitc-1\"", "esp32-s3-devkitc-1")]
    public void The_board_is_read_and_is_the_plain_ESP32_where_none_is_named(string given, string board)
    {
        Assert.Equal(board, DeviceSettings.Parse($$"""{"gateway":"ws://a","token":"b.c"{{given}}}""").Board);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"epoch\":0")]
    [InlineData(",\"epoch\":-5")]
    [InlineData(",\"epoch\":1000000000")]
    [InlineData(",\"epoch\":\"7\"")]
    public void An_epoch_that_is_missing_or_impossible_leaves_the_count_as_it_is(string epoch)
    {
        Assert.Equal(1u, DeviceSettings.Parse($$"""{"gateway":"ws://a","token":"b.c"{{epoch}}}""").FirstEpoch);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"gateway":"ws://a"}""")]
    public void Without_gateway_or_token_there_is_no_device(string json)
    {
        Assert.Null(DeviceSettings.Parse(json));
    }
}
