using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links;

/// <summary>What is to go out. Receipts merge while they wait; other messages queue, and the queue is bounded.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Past this many unsent messages the device is not reading, and the link ends.</summary>
    private const int MostQueued = 2 * ProtocolLimits.MessagesPerBody;

    private readonly Lock _lock = new();

    // Most links have nothing to say most of the time.
    private Queue<(byte[] Message, Notice About)>? _queue;
    private List<Ack>? _acks;
    private readonly AsyncSignal _wake = new();
    private LinkEnd? _closing;

    /// <summary>How the link is about to end; null where it is not.</summary>
    public LinkEnd? Closing
    {
        get
        {
            lock (_lock)
                return _closing;
        }
    }

    /// <summary>Whether there is anything to take.</summary>
    public bool HasMessages
    {
        get
        {
            lock (_lock)
                return _acks is { Count: > 0 } || _queue is not null;
        }
    }

    /// <summary>Why a pack was refused last; null for none.</summary>
    public string? RefusedBecause { get; private set; }

    /// <summary>A command as it goes out.</summary>
    public byte[] Encode(Command command)
    {
        var writer = new WireWriter();
        Dialect.Write(writer, command);
        return writer.ToArray();
    }

    public void Send(Command command)
    {
        var about = new Notice(command.Id);
        if (_link.IsDue(about))
            Send(Encode(command), about);
    }

    /// <summary>Whether settings of this version are to be sent; 0 for none.</summary>
    public bool IsDue(uint version) => version != 0 && _link.IsDue(Notice.OfSettings(version));

    /// <summary>Sends settings.</summary>
    /// <returns>False where the link's subprotocol knows none, or the device takes no message as large.</returns>
    public bool TrySend(Desired desired)
    {
        var about = Notice.OfSettings(desired.Version);
        if (!_link.IsDue(about))
            return true;
        var writer = new WireWriter();
        if (!Dialect.TryWrite(writer, desired) || writer.Length > MaxMessageBytes)
        {
            // It is told once that they cannot be sent, not with every request.
            _link.Settle(about);
            return false;
        }
        Send(writer.ToArray(), about);
        return true;
    }

    public void SendRefused(Refused refused, string reason)
    {
        RefusedBecause = reason;
        Enqueue(writer => Dialect.Write(writer, refused, reason));
    }

    public void SendRetryAfter(uint milliseconds) =>
        Enqueue(writer => Dialect.Write(writer, new RetryAfter(milliseconds)));

    /// <summary>Answers HELLO.</summary>
    public void SendWelcome() => Enqueue(Dialect.WriteWelcome);

    /// <summary>Ends the link, for the first reason given; what is queued goes out before.</summary>
    public void Close(LinkEnd end)
    {
        lock (_lock)
            _closing ??= end;
        _wake.Set();
    }

    /// <summary>Takes the next message out.</summary>
    /// <param name="writer">Gets it.</param>
    /// <param name="about">What it is about, where it is to be answered.</param>
    /// <returns>False where there is none; then <paramref name="isClosing"/> says whether one may come yet.</returns>
    public bool TryTake(WireWriter writer, out Notice about, out bool isClosing)
    {
        about = default;
        lock (_lock)
        {
            isClosing = _closing is not null;
            writer.Clear();
            if (_acks is { Count: > 0 })
            {
                Dialect.Write(writer, _acks[0]);
                _acks.RemoveAt(0);
                return true;
            }
            if (_queue is null)
                return false;
            (var message, about) = _queue.Dequeue();
            if (_queue.Count == 0)
                _queue = null;
            writer.Bytes(message);
            return true;
        }
    }

    /// <summary>Completes when something may have changed. One waiter only.</summary>
    public ValueTask ChangedAsync() => _wake.WaitAsync();

    /// <summary>Completes when something may have changed, or when the time is over.</summary>
    public ValueTask ChangedAsync(TimeSpan atMost) => _wake.WaitAsync(atMost, _services.Time);

    /// <summary>Lets whoever waits look again.</summary>
    public void Wake() => _wake.Set();

    private void Enqueue(Action<WireWriter> write)
    {
        var writer = new WireWriter();
        write(writer);
        Send(writer.ToArray(), default);
    }

    private void Send(byte[] message, Notice about)
    {
        lock (_lock)
        {
            _queue ??= new Queue<(byte[], Notice)>();
            if (_queue.Count < MostQueued)
                _queue.Enqueue((message, about));
            else
                _closing ??= LinkEnd.Silent;
        }
        _wake.Set();
    }
}
