using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using IoTGateway.Alarms;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Alarms;

/// <summary>Alarms over a whole gateway: rows in, events out.</summary>
public sealed class AlarmTests
{
    private static readonly object TooWarm = new
    {
        name = "Too warm",
        measurement = "climate",
        field = "temperature",
        kind = "above",
        threshold = 30,
        hysteresis = 1,
    };

    [Fact]
    public async Task A_row_raises_an_alarm_that_outlives_a_restart_and_a_later_row_ends_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(gateway, TooWarm);
        var token = await gateway.AddDeviceAsync("roof");
        await using (var device = await LinkClient.OpenAsync(gateway, token, epoch: 4))
        {
            await device.SendAsync(House.Telemetry(4, 1, House.Noon, 20, 31.5));
            await Patience.UntilAsync(async () => (await ActiveAsync(gateway)).GetArrayLength() == 1, "the alarm");
        }
        await gateway.RestartAsync();
        var alarm = (await ActiveAsync(gateway))[0];
        Assert.Equal(
            ("Too warm", "roof", 31.5),
            (
                alarm.GetProperty("name").GetString(),
                alarm.GetProperty("device").GetString(),
                alarm.GetProperty("value").GetDouble()
            )
        );
        await using (var device = await LinkClient.OpenAsync(gateway, token, epoch: 5))
        {
            await device.SendAsync(House.Telemetry(5, 1, House.Noon + 60_000, 20));
            await Patience.UntilAsync(
                async () => (await ActiveAsync(gateway)).GetArrayLength() == 0,
                "the alarm's end"
            );
        }
        await Patience.UntilAsync(
            async () => (await StatesAsync(gateway)).SequenceEqual(["cleared", "raised"]),
            "both events"
        );
    }

    [Fact]
    public async Task A_value_under_its_threshold_raises_an_alarm_and_one_beyond_the_hysteresis_ends_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        await AddAsync(
            gateway,
            new
            {
                name = "Frost",
                measurement = "climate",
                field = "temperature",
                kind = "below",
                threshold = 0,
                hysteresis = 1,
            }
        );
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 5, 0, -0.5));
        await Patience.UntilAsync(async () => (await ActiveAsync(gateway)).GetArrayLength() == 1, "the alarm");
        var alarm = (await ActiveAsync(gateway))[0];
        Assert.Equal(("Frost", -0.5), (alarm.GetProperty("name").GetString(), alarm.GetProperty("value").GetDouble()));
        await device.SendAsync(House.Telemetry(1, 2, House.Noon + 60_000, 0.5, 1));
        await Patience.UntilAsync(
            async () => (await StatesAsync(gateway)).SequenceEqual(["cleared", "raised"]),
            "the alarm's end"
        );
    }

    [Fact]
    public async Task A_device_that_says_nothing_for_long_enough_raises_an_alarm_and_its_next_row_ends_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await AddAsync(
            gateway,
            new
            {
                name = "Silent",
                device = "roof",
                measurement = "climate",
                field = "temperature",
                kind = "missing",
                afterSeconds = 1,
            }
        );
        await Patience.UntilAsync(async () => (await StatesAsync(gateway)).SequenceEqual(["raised"]), "the alarm");
        await using var device = await LinkClient.OpenAsync(gateway, token);
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        // A second later it is missed again.
        await Patience.UntilAsync(
            async () => (await StatesAsync(gateway)).TakeLast(2).SequenceEqual(["cleared", "raised"]),
            "the alarm's end"
        );
    }

    [Fact]
    public async Task A_webhook_gets_each_event_signed_and_again_until_it_takes_it()
    {
        await using var receiver = new Receiver(failures: 1);
        const string Secret = "a-secret-for-signing";
        await using var gateway = await TestGateway.StartAsync(
            $"--Alarms:Webhook={receiver.Url}",
            $"--Alarms:WebhookSecret={Secret}"
        );
        await AddAsync(gateway, TooWarm);
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"), epoch: 4);
        await device.SendAsync(House.Telemetry(4, 1, House.Noon, 35));
        var (head, body) = await receiver.TakenAsync();
        var said = JsonElement.Parse(body);
        Assert.Equal(
            ("raised", "roof"),
            (said.GetProperty("state").GetString(), said.GetProperty("device").GetString())
        );
        var timestamp = Receiver.Header(head, AlarmWebhook.TimestampHeader);
        Assert.Equal(
            AlarmWebhook.Sign(Secret, timestamp, Encoding.UTF8.GetBytes(body)),
            Receiver.Header(head, AlarmWebhook.SignatureHeader)
        );
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_alarm_webhooks_total") == 1,
            "the count"
        );
    }

    [Fact]
    public async Task A_webhook_without_a_secret_stops_the_start_in_words()
    {
        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            TestGateway.StartAsync("--Alarms:Webhook=https://example.org")
        );
        Assert.Contains("Alarms:WebhookSecret", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"measurement":"climate","field":"temperature","kind":"above"}""")]
    [InlineData("""{"measurement":"climate","field":"temperature","kind":"sideways","threshold":1}""")]
    [InlineData("""{"measurement":"climate","field":"temperature","kind":"missing"}""")]
    public async Task A_rule_that_makes_no_sense_is_refused(string body)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await gateway.Client.PostAsync("/api/alarms/rules", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static async Task AddAsync(TestGateway gateway, object rule)
    {
        using var added = await gateway.Client.PostAsJsonAsync("/api/alarms/rules", rule);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
    }

    /// <summary>Newest first.</summary>
    private static async Task<IEnumerable<string?>> StatesAsync(TestGateway gateway) =>
        (await gateway.Client.GetFromJsonAsync<JsonElement>("/api/alarms/events"))
            .EnumerateArray()
            .Select(one => one.GetProperty("state").GetString());

    private static Task<JsonElement> ActiveAsync(TestGateway gateway) =>
        gateway.Client.GetFromJsonAsync<JsonElement>("/api/alarms");

    /// <summary>A small HTTP server that refuses the first calls.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource<(string Head, string Body)> _taken = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private readonly Task _running;

        public Receiver(int failures)
        {
            _listener.Start();
            _running = RunAsync(failures);
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/alarms";

        public Task<(string Head, string Body)> TakenAsync() => _taken.Task.WaitAsync(Patience.Long);

        public static string Header(string head, string name) =>
            head.Split("\r\n")
                .Single(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
                .Split(": ")[1];

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _running;
        }

        private async Task RunAsync(int failures)
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await using var stream = client.GetStream();
                    var (head, body) = await ReadAsync(stream);
                    var status = failures-- > 0 ? "503 Later" : "204 Taken";
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    );
                    if (status.StartsWith('2'))
                        _taken.TrySetResult((head, body));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }

        private static async Task<(string, string)> ReadAsync(NetworkStream stream)
        {
            var buffer = new byte[16 * 1024];
            var text = string.Empty;
            while (true)
            {
                var count = await stream.ReadAsync(buffer);
                text += Encoding.UTF8.GetString(buffer, 0, count);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (
                    count == 0
                    || (end > 0 && text.Length - end - 4 >= int.Parse(Header(text[..end], "Content-Length")))
                )
                    return (text[..end], text[(end + 4)..]);
            }
        }
    }
}
