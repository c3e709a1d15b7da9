using System.Net.Http.Headers;
using System.Text.Json;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

public sealed class ReadingsApiTests
{
    [Fact]
    public async Task From_and_to_are_milliseconds_or_ISO_8601_and_points_keep_the_lowest_and_the_highest()
    {
        await using var gateway = await TestGateway.StartAsync();
        var values = Enumerable
            .Range(0, 1000)
            .Select(row =>
                row == 500 ? 99.5
                : row == 600 ? -40
                : 20.0
            )
            .ToArray();
        await SendAsync(gateway, values);
        var iso = DateTimeOffset.FromUnixTimeMilliseconds(House.Noon);
        var two = await GetAsync(gateway, $"&from={iso:yyyy-MM-ddTHH:mm:ssZ}&to={House.Noon + 1000}");
        Assert.Equal(
            ("climate", "temperature", "Cel"),
            (Text(two, "measurement"), Text(two, "field"), Text(two, "unit"))
        );
        Assert.Equal(
            [
                [House.Noon, 20],
                [House.Noon + 1000, 20],
            ],
            Points(two)
        );

        var few = Points(await GetAsync(gateway, $"&from={House.Noon}&points=10"));
        Assert.InRange(few.Length, 2, 10);
        Assert.Contains(few, point => point[1] == 99.5);
        Assert.Contains(few, point => point[1] == -40);
        Assert.Equal(few.OrderBy(point => point[0]), few);
        Assert.Empty(Points(await GetAsync(gateway, $"&from=0&to={House.Noon - 1}")));
    }

    [Fact]
    public async Task CSV_has_every_reading()
    {
        await using var gateway = await TestGateway.StartAsync();
        await SendAsync(gateway, 20, 20.5, -3.25);
        var (status, csv) = await CsvAsync(gateway, "temperature");
        Assert.Equal(200, status);
        Assert.Equal(
            $"time_ms,temperature\r\n{House.Noon},20\r\n{House.Noon + 1000},20.5\r\n{House.Noon + 2000},-3.25\r\n",
            csv
        );
        Assert.Equal(404, (await CsvAsync(gateway, "pressure")).Status);
    }

    private static async Task<(int Status, string Body)> CsvAsync(TestGateway gateway, string field)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"/api/devices/roof/readings?measurement=climate&field={field}&from=0&points=2"
        );
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/csv"));
        using var response = await gateway.Client.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task SendAsync(TestGateway gateway, params double[] temperatures)
    {
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, temperatures));
        await device.AcknowledgedAsync(1, 1);
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", temperatures.Length);
    }

    private static async Task<JsonElement> GetAsync(TestGateway gateway, string range) =>
        JsonElement.Parse(
            await gateway.Client.GetStringAsync(
                $"/api/devices/roof/readings?measurement=climate&field=temperature{range}"
            )
        );

    private static double[][] Points(JsonElement report) =>
        report.GetProperty("points").Deserialize<double[][]>() ?? [];

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
