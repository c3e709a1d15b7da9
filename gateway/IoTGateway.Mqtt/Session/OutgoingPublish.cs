using System.Text;

namespace IoTGateway.Mqtt.Session;

/// <summary>A publish until it is acknowledged. Reused, with its buffer.</summary>
internal sealed class OutgoingPublish
{
    // One large message must not hold its memory for ever.
    private const int KeptBytes = 16 * 1024;

    private byte[] _bytes = [];
    private int _topic;
    private int _payload;

    public ReadOnlySpan<byte> Topic => _bytes.AsSpan(0, _topic);

    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(_topic, _payload);

    public MqttQos Qos { get; private set; }

    public bool Retain { get; private set; }

    /// <summary>The broker may have had it already, in this session.</summary>
    public bool WasSent { get; set; }

    public bool IsDone { get; private set; }

    /// <summary>The caller's.</summary>
    public TaskCompletionSource<MqttReceipt> Receipt { get; private set; } = New();

    public void Set(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain)
    {
        _topic = Encoding.UTF8.GetByteCount(topic);
        _payload = payload.Length;
        if (_bytes.Length < _topic + _payload || _bytes.Length > KeptBytes)
            _bytes = new byte[_topic + _payload];
        Encoding.UTF8.GetBytes(topic, _bytes);
        payload.CopyTo(_bytes.AsSpan(_topic));
        (Qos, Retain, WasSent, IsDone) = (qos, retain, false, false);
        Receipt = New();
    }

    public void Complete(MqttReceipt receipt)
    {
        IsDone = true;
        Receipt.TrySetResult(receipt);
    }

    private static TaskCompletionSource<MqttReceipt> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
