using System.Text;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Publishes every row with QoS 1, in the journal's order. A batch is accepted when the broker has acknowledged all of
/// it. While no broker answers, the batch is kept, and what was handed to the client stays there: the same batch goes on
/// where it was, so an outage repeats nothing but what was under way, and turns nothing round.
/// </summary>
internal sealed class MqttSink : ISink
{
    /// <summary>Rows under way; below the client's own bound, so that presence and commands find room beside them.</summary>
    public const int Window = 512;

    private static readonly TimeSpan PatienceConnected = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatienceDisconnected = TimeSpan.FromSeconds(1);

    private readonly MqttConnection _connection;
    private readonly RejectedRows _rejected;
    private readonly TimeProvider _clock;
    private readonly SkipLog _skipped;
    private readonly RowMessages _rows;
    private readonly Queue<UnderWay> _underWay = new(Window);

    // The batch in hand, and how far it is handed over.
    private (JournalOffset First, JournalOffset End) _batch;
    private int _record = -1;
    private int _row;

    public MqttSink(
        MqttConnection connection,
        CatalogStore catalogs,
        RejectedRows rejected,
        TimeProvider clock,
        ILogger<MqttSink> logger
    )
    {
        (_connection, _rejected, _clock) = (connection, rejected, clock);
        _skipped = new SkipLog(Name, clock, logger);
        _rows = new RowMessages(new SinkRows(catalogs, Counters, _skipped), connection.Topics);
    }

    public string Name => "mqtt";

    public SinkCounters Counters { get; } = new();

    public JournalOffset? Position => null;

    /// <summary>Small batches: a row here costs fifty times its bytes in the journal. The client does the backing off.</summary>
    public SinkRunnerOptions RunnerOptions { get; } =
        new() { BatchBytes = 16 * 1024, LongestRetry = TimeSpan.FromSeconds(2) };

    public async ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
            return SinkVerdict.Accept;
        if (!_connection.Ready.IsCompleted && !await WaitAsync(_connection.Ready, cancellationToken))
            return SinkVerdict.Keep($"mqtt: {_connection.Problem ?? "the broker has not answered yet"}");
        Begin(batch);
        while (true)
        {
            for (; _row < _rows.Count; _row++)
            {
                if (_underWay.Count == Window && await SettleAsync(batch, cancellationToken) is { } kept)
                    return kept;
                await HandOverAsync(cancellationToken);
            }
            if (_record == batch.Count - 1)
                break;
            (_record, _row) = (_record + 1, 0);
            _rows.Load(batch[_record]);
        }
        while (_underWay.Count > 0)
        {
            if (await SettleAsync(batch, cancellationToken) is { } kept)
                return kept;
        }
        _batch = default;
        return SinkVerdict.Accept;
    }

    /// <summary>Goes on with the batch that was kept, or starts another.</summary>
    private void Begin(JournalBatch batch)
    {
        var identity = (batch[0].Offset, batch.End);
        if (_batch == identity)
            return;
        _batch = identity;
        _underWay.Clear();
        Rewind(batch, 0, 0);
    }

    private void Rewind(JournalBatch batch, int record, int row)
    {
        (_record, _row) = (record, row);
        _rows.Load(batch[record]);
    }

    private async ValueTask HandOverAsync(CancellationToken cancellationToken)
    {
        var message = _rows[_row];
        var receipt = await _connection.Client.EnqueueAsync(
            message.Topic,
            _rows.PayloadOf(message),
            MqttQos.AtLeastOnce,
            retain: false,
            cancellationToken
        );
        _underWay.Enqueue(new UnderWay(receipt, _record, _row, message.Values));
    }

    /// <summary>Waits for the oldest row under way. Null: it is dealt with.</summary>
    private async ValueTask<SinkVerdict?> SettleAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        var oldest = _underWay.Peek();
        if (!oldest.Receipt.IsCompleted && !await WaitAsync(oldest.Receipt, cancellationToken))
            return SinkVerdict.Keep(
                $"mqtt: {_connection.Problem ?? "the broker does not acknowledge; look into its log"}"
            );
        var receipt = await oldest.Receipt;
        switch (receipt.Outcome)
        {
            case MqttOutcome.Acknowledged:
                Counters.AddStored(1, oldest.Values);
                break;
            case MqttOutcome.Invalid or MqttOutcome.TooLarge:
                Reject(batch, oldest, receipt);
                break;
            default:
                // Not taken now: from this row on it all comes again, what was taken after it twice.
                _underWay.Clear();
                Rewind(batch, oldest.Record, oldest.Row);
                return SinkVerdict.Keep(
                    $"mqtt: the broker does not take '{_rows[_row].Topic}': {receipt.Reason}; "
                        + "check its access rules for Mqtt:User and Mqtt:Prefix"
                );
        }
        _underWay.Dequeue();
        return null;
    }

    private async ValueTask<bool> WaitAsync(Task receipt, CancellationToken cancellationToken)
    {
        var patience = _connection.IsConnected ? PatienceConnected : PatienceDisconnected;
        try
        {
            await receipt.WaitAsync(patience, _clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Reject(JournalBatch batch, in UnderWay row, MqttReceipt receipt)
    {
        var (record, place) = (_record, _row);
        Rewind(batch, row.Record, row.Row);
        var message = _rows[row.Row];
        var text = $"{message.Topic} {Encoding.UTF8.GetString(_rows.PayloadOf(message).Span)}";
        Rewind(batch, record, place);
        var reason = receipt.Reason ?? "no reason given";
        var source = batch[row.Record];
        _rejected.Add(Name, [new RejectedRow(source.Device, source.Offset.Value, text, reason)]);
        Counters.AddRejected(1);
        _skipped.Rejected(1, source.Device, reason);
    }

    private readonly record struct UnderWay(Task<MqttReceipt> Receipt, int Record, int Row, int Values);
}
