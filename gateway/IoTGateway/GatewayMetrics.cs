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
    private readonly long[] _requestsRefused = new long[Enum.GetValues<HandshakeRefusal>().Length];
    private readonly long[] _linksEnded = new long[Enum.GetValues<LinkEnd>().Length];
    private readonly long[] _telemetryRefused = new long[Enum.GetValues<RefusedReason>().Length + 1];
    private readonly Histogram<double> _ackSeconds;
    private long _bytes;
    private long _rows;
    private long _readings;
    private long _rowsDropped;
    private long _linksOpened;
    private long _requests;
    private long _requestsNotHeld;
    private long _estimatedTimes;
    private long _clockSteps;

    public GatewayMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        Count("iotgw_links_opened_total", "Device links opened", () => _linksOpened);
        Count("iotgw_requests_total", "Requests of devices answered with messages", () => _requests);
        Count(
            "iotgw_requests_not_held_total",
            "Requests not held, because enough others are (Limits:HeldRequests)",
            () => _requestsNotHeld
        );
        Count("iotgw_received_bytes_total", "Bytes of messages received from devices", () => _bytes);
        Count("iotgw_rows_total", "Rows taken into the journal", () => _rows);
        Count("iotgw_readings_total", "Readings taken into the journal", () => _readings);
        Count("iotgw_gap_rows_total", "Rows that devices had to drop, as they say", () => _rowsDropped);
        Count(
            "iotgw_estimated_times_total",
            "Messages without a clock whose boot time had to be estimated",
            () => _estimatedTimes
        );
        Count("iotgw_clock_steps_total", "Times that this machine's clock was set", () => _clockSteps);
        CountBy("iotgw_messages_total", "Messages received", "type", _messages, i => Words.Of((MessageType)i));
        CountBy(
            "iotgw_handshakes_refused_total",
            "Handshakes refused",
            "reason",
            _handshakesRefused,
            i => Words.Of((HandshakeRefusal)i)
        );
        CountBy(
            "iotgw_requests_refused_total",
            "Requests of devices refused",
            "reason",
            _requestsRefused,
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

    public void ClockStepped() => Interlocked.Increment(ref _clockSteps);

    public void LinkOpened() => Interlocked.Increment(ref _linksOpened);

    public void LinkEnded(LinkEnd reason) => Interlocked.Increment(ref _linksEnded[(int)reason]);

    public void HandshakeRefused(HandshakeRefusal reason) => Interlocked.Increment(ref _handshakesRefused[(int)reason]);

    public void RequestAnswered() => Interlocked.Increment(ref _requests);

    public void RequestNotHeld() => Interlocked.Increment(ref _requestsNotHeld);

    public void RequestRefused(HandshakeRefusal reason) => Interlocked.Increment(ref _requestsRefused[(int)reason]);

    public void TelemetryRefused(RefusedReason reason) => Interlocked.Increment(ref _telemetryRefused[(int)reason]);

    public void Acknowledged(TimeSpan after) => _ackSeconds.Record(after.TotalSeconds);

    /// <summary>How much has come since the start.</summary>
    public (long Messages, long Bytes, long Rows, long Readings) Received() =>
        (_messages.Sum(), _bytes, _rows, _readings);

    /// <summary>What was turned away since the start, by where and why; only what is not zero.</summary>
    public IEnumerable<(string Where, string Reason, long Count)> Refusals() =>
        Counted("handshake", _handshakesRefused, i => Words.Of((HandshakeRefusal)i))
            .Concat(Counted("request", _requestsRefused, i => Words.Of((HandshakeRefusal)i)))
            .Concat(Counted("telemetry", _telemetryRefused, i => Words.Of((RefusedReason)i)))
            .Concat(Counted("link ended", _linksEnded, i => Words.Of((LinkEnd)i)));

    private static IEnumerable<(string, string, long)> Counted(string where, long[] values, Func<int, string> nameOf) =>
        Enumerable.Range(0, values.Length).Where(i => values[i] != 0).Select(i => (where, nameOf(i), values[i]));

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
