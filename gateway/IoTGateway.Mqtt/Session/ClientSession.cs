namespace IoTGateway.Mqtt.Session;

/// <summary>What outlives a connection (MQTT 5.0 §4.1).</summary>
internal sealed class ClientSession : IDisposable
{
    public ClientSession(MqttOptions options, Action<string, MqttReceipt> subscriptionAnswered)
    {
        Outbox = new Outbox(options.MostUnacknowledged, Wake);
        Subscriptions = new Subscriptions(Wake, subscriptionAnswered);
        Inbox = new Inbox(options.MostWaiting);
    }

    /// <summary>There is something to send.</summary>
    public Wake Wake { get; } = new();

    public Outbox Outbox { get; }

    public Subscriptions Subscriptions { get; }

    public Inbox Inbox { get; }

    public void Begin(bool sessionPresent)
    {
        Subscriptions.Begin(sessionPresent);
        Outbox.Begin(sessionPresent);
        Wake.Set();
    }

    public void Close()
    {
        Outbox.Close();
        Subscriptions.Close();
    }

    public void Dispose() => Outbox.Dispose();
}
