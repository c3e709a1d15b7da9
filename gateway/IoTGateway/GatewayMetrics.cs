using System.Diagnostics.Metrics;
using IoTGateway.Links;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway;

/// <summary>
/// What the gateway counts. The data path adds to plain numbers; whoever collects (the Prometheus page, an exporter)
/// reads them through the meter.
/// </summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "iotgw";

    private readonly long[] _messages = new long[256];
    private readonly long[] _handshakesRefused = new long[Enum.GetValues<HandshakeRefusal>().Length];
    private readonly long[] _linksEnded = new long[Enum.GetValues<LinkEnd>().Length];
    private readonly long[] _telemetryRefused = new long[Enum.GetValues<RefusedReason>().Length + 1];
    private readonly Histogram<double> _ackSeconds;
    private long _bytes;
    private long _rows;
    private long _readings;
    private long _rowsDropped;
    private long _linksOpened;
    private long _estimatedTimes;

    public GatewayMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        Count("iotgw_links_opened_total", "Device links opened", () => _linksOpened);
        Count("iotgw_received_bytes_total", "Bytes of messages received on device links", () => _bytes);
        Count("iotgw_rows_total", "Rows taken into the journal", () => _rows);
        Count("iotgw_readings_total", "Readings taken into the journal", () => _readings);
        Count("iotgw_gap_rows_total", "Rows that devices had to drop, as they say", () => _rowsDropped);
        Count(
            "iotgw_estimated_times_total",
            "Messages without a clock whose boot time had to be estimated",
            () => _estimatedTimes
        );
        CountBy("iotgw_messages_total", "Messages received", "type", _messages, i => Words.Of((MessageType)i));
        CountBy(
            "iotgw_handshakes_refused_total",
            "Handshakes refused",
            "reason",
            _handshakesRefused,
            i => Words.Of((HandshakeRefusal)i)
        );
        CountBy("iotgw_links_ended_total", "Device links ended", "reason", _linksEnded, i => Words.Of((LinkEnd)i));
        CountBy(
            "iotgw_telemetry_refused_total",
            "TELEMETRY refused for ever",
            "reason",
            _telemetryRefused,
            i => Words.Of((RefusedReason)i)
        );
        _ackSeconds = Meter.CreateHistogram<double>(
            "iotgw_ack_seconds",
            "s",
            "From receiving the oldest message without ACK to its being on disk"
        );
    }

    /// <summary>For the instruments of other rooms.</summary>
    public Meter Meter { get; }

    public void Received(MessageType type, int bytes)
    {
        // One line for all that nobody knows: a name may stand only once on the page.
        Interlocked.Increment(ref _messages[Enum.IsDefined(type) ? (byte)type : (byte)MessageType.None]);
        Interlocked.Add(ref _bytes, bytes);
    }

    public void Taken(int rows, int readings)
    {
        Interlocked.Add(ref _rows, rows);
        Interlocked.Add(ref _readings, readings);
    }

    public void RowsDropped(ulong rows) => Interlocked.Add(ref _rowsDropped, (long)Math.Min(rows, long.MaxValue));

    public void TimeEstimated() => Interlocked.Increment(ref _estimatedTimes);

    public void LinkOpened() => Interlocked.Increment(ref _linksOpened);

    public void LinkEnded(LinkEnd reason) => Interlocked.Increment(ref _linksEnded[(int)reason]);

    public void HandshakeRefused(HandshakeRefusal reason) => Interlocked.Increment(ref _handshakesRefused[(int)reason]);

    public void TelemetryRefused(RefusedReason reason) => Interlocked.Increment(ref _telemetryRefused[(int)reason]);

    public void Acknowledged(TimeSpan after) => _ackSeconds.Record(after.TotalSeconds);

    /// <summary>A counter read when somebody collects.</summary>
    public void Count(string name, string description, Func<long> value) =>
        Meter.CreateObservableCounter(name, value, null, description);

    /// <summary>A gauge read when somebody collects.</summary>
    public void Gauge(string name, string description, Func<double> value) =>
        Meter.CreateObservableGauge(name, value, null, description);

    /// <summary>A family of counters, one per member of an enum, read when somebody collects.</summary>
    public void CountBy(string name, string description, string label, long[] values, Func<int, string> nameOf) =>
        Meter.CreateObservableCounter(
            name,
            () =>
                Enumerable
                    .Range(0, values.Length)
                    .Where(i => values[i] != 0)
                    .Select(i => new Measurement<long>(values[i], new KeyValuePair<string, object?>(label, nameOf(i)))),
            null,
            description
        );
}
