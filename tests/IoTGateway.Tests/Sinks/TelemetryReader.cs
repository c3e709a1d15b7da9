using System.Collections.Concurrent;
using System.Text.Json;
using IoTGateway.Mqtt;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Mqtt;

namespace IoTGateway.Tests.Sinks;

/// <summary>Somebody else's client, with a session that lasts: every telemetry message that the broker let through.</summary>
internal sealed class TelemetryReader : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Topic, string Text)> _messages = new();
    private readonly HashSet<(string, string)> _different = [];
    private readonly Party _party;

    private TelemetryReader(string url)
    {
        var options = new MqttOptions
        {
            Brokers = [Party.Broker(url)],
            ClientId = "reader",
            FirstBackoff = TimeSpan.FromMilliseconds(5),
            LongestBackoff = TimeSpan.FromMilliseconds(20),
            // The broker must never hold back what it has acknowledged: a kill would take it along.
            ReceiveMaximum = ushort.MaxValue,
            MostWaiting = 200_000,
        };
        _party = Party.Start(options, Keep);
    }

    public IReadOnlyCollection<(string Topic, string Text)> Messages => _messages;

    /// <summary>How many there are without those that came again.</summary>
    public int Different
    {
        get
        {
            lock (_different)
                return _different.Count;
        }
    }

    public int Connections => _party.Connections;

    public static async Task<TelemetryReader> StartAsync(string url)
    {
        var reader = new TelemetryReader(url);
        Assert.True((await reader._party.SubscribeAsync("iotgw/+/telemetry/+")).IsGood);
        return reader;
    }

    /// <summary>Every value: (measurement, field, ms). A message that came twice must be the same.</summary>
    public async Task<Dictionary<(string, string, long), double>> ReadAsync(int expected)
    {
        var values = new Dictionary<(string, string, long), double>();
        // The broker has everything; the reader gets it a moment later.
        await Patience.UntilAsync(
            () =>
            {
                values.Clear();
                foreach (var (topic, text) in _messages)
                    Add(values, topic, text);
                return values.Count >= expected;
            },
            $"{expected} values"
        );
        return values;
    }

    public ValueTask DisposeAsync() => _party.DisposeAsync();

    private ValueTask Keep(MqttMessage message, CancellationToken cancellationToken)
    {
        var text = Party.TextOf(message);
        _messages.Enqueue((message.Topic, text));
        lock (_different)
            _different.Add((message.Topic, text));
        return ValueTask.CompletedTask;
    }

    private static void Add(Dictionary<(string, string, long), double> values, string topic, string text)
    {
        var levels = topic.Split('/');
        Assert.Equal((4, SinkRig.Device), (levels.Length, levels[1]));
        var measurement = SinkRig
            .Catalog.Sensors.Select(sensor => sensor.Measurement)
            .Single(name => MqttTopic.Level(name) == levels[3]);
        using var json = JsonDocument.Parse(text);
        var time = json.RootElement.GetProperty("time").GetInt64();
        foreach (var property in json.RootElement.EnumerateObject().Where(property => property.Name != "time"))
        {
            var key = (measurement, property.Name, time);
            var value = ValueOf(property.Value);
            if (!values.TryAdd(key, value))
                Assert.Equal(values[key], value);
        }
    }

    private static double ValueOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.True => 1,
            JsonValueKind.False => 0,
            _ => element.GetDouble(),
        };
}
