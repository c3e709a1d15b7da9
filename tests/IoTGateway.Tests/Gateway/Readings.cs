using System.Text.Json;

namespace IoTGateway.Tests.Gateway;

/// <summary>What the readings API answers.</summary>
internal static class Readings
{
    /// <summary>Waits until the history has so many points, and gives them as pairs of time and value.</summary>
    public static async Task<double[][]> WaitAsync(
        TestGateway gateway,
        string device,
        string measurement,
        string field,
        int count
    )
    {
        double[][] points = [];
        await Patience.UntilAsync(
            async () =>
            {
                points = await AllAsync(gateway, device, measurement, field);
                return points.Length >= count;
            },
            $"{count} points of {measurement}/{field}"
        );
        Assert.Equal(count, points.Length);
        return points;
    }

    private static async Task<double[][]> AllAsync(TestGateway gateway, string device, string measurement, string field)
    {
        var query = $"measurement={measurement}&field={field}&from=0&to=9000000000000&points=20000";
        using var response = await gateway.Client.GetAsync($"/api/devices/{device}/readings?{query}");
        if (!response.IsSuccessStatusCode)
            return [];
        var json = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return json.GetProperty("points").Deserialize<double[][]>() ?? [];
    }
}
