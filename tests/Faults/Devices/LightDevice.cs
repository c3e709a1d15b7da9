using System.Diagnostics;
using System.Net.WebSockets;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Faults.Devices;

/// <summary>How a light device behaves.</summary>
internal sealed record LightOptions
{
    public int RowsPerMessage { get; init; } = 10;

    /// <summary>Between messages; zero: as fast as the window allows.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan BackoffCap { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>What may be unacknowledged on a link; the gateway's window is the bound above it.</summary>
    public int Window { get; init; } = 32;

    public uint Epoch { get; init; } = 1;
}

/// <summary>
/// A device that costs little: it follows PROTOCOL.md, keeps every message until its ACK, and writes each row and each
/// receipt into the ledger. Thousands of them fit beside the gateway on one machine.
/// </summary>
internal sealed partial class LightDevice(
    string token,
    Uri link,
    HttpMessageInvoker http,
    Ledger ledger,
    Random random,
    LightOptions options
) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Message> _unacknowledged = new();
    private readonly CancellationTokenSource _power = new();
    private readonly SemaphoreSlim _moved = new(0);
    private readonly long _baseMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 3_600_000;
    private List<TimeSpan> _latencies = [];
    private Task _running = Task.CompletedTask;
    private TimeSpan _notBefore;
    private bool _wasAsked;
    private uint _sequence;
    private long _rows;
    private int _failures;
    private volatile ClientWebSocket? _link;
    private bool _producing = true;

    public string Id { get; } = token[..token.LastIndexOf('.')];

    public bool IsOpen { get; private set; }

    public int LinksOpened { get; private set; }

    public long RowsAcknowledged { get; private set; }

    /// <summary>What ended the last link or attempt.</summary>
    public string LastEnd { get; private set; } = "";

    /// <summary>What the gateway's last close frame said.</summary>
    public int? CloseCode { get; private set; }

    /// <summary>What the gateway's last RETRY_AFTER said.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Told of each attempt to connect; true where the gateway had said when to come.</summary>
    public Action<bool>? Attempting { get; init; }

    public bool IsDrained
    {
        get
        {
            lock (_lock)
                return _unacknowledged.Count == 0;
        }
    }

    /// <summary>From a message's sending to its ACK, of those since the last call.</summary>
    public List<TimeSpan> TakeLatencies()
    {
        lock (_lock)
            return Interlocked.Exchange(ref _latencies, []);
    }

    /// <summary>Gives its present link up and connects anew, as firmware does that waits in vain for a receipt.</summary>
    public void DropLink() => _link?.Abort();

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>No new rows from now on; what is not acknowledged is sent on.</summary>
    public void StopProducing()
    {
        lock (_lock)
            _producing = false;
    }

    public async ValueTask DisposeAsync()
    {
        await _power.CancelAsync();
        await _running;
        _power.Dispose();
        _moved.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_power.IsCancellationRequested)
        {
            try
            {
                using var socket = new ClientWebSocket();
                _link = socket;
                await ConnectAsync(socket);
                await TalkAsync(socket);
            }
            catch (Exception e)
                when (e is WebSocketException or OperationCanceledException or IOException or HttpRequestException)
            {
                LastEnd = e.Message;
            }
            IsOpen = false;
            if (!_power.IsCancellationRequested)
                await BackOffAsync();
        }
    }

    private async Task ConnectAsync(ClientWebSocket socket)
    {
        Attempting?.Invoke(_wasAsked);
        socket.Options.AddSubProtocol("iotgw.v1");
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            await socket.ConnectAsync(link, http, _power.Token);
        }
        catch (WebSocketException)
        {
            if (
                socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var seconds) == true
                && int.TryParse(seconds.FirstOrDefault(), out var wait)
            )
                _notBefore = TimeSpan.FromSeconds(wait);
            throw;
        }
    }

    /// <summary>Never under what the gateway asked for, and then a random part of a growing interval.</summary>
    private async Task BackOffAsync()
    {
        var grown = options.BackoffBase * Math.Pow(2, Math.Min(_failures++, 16));
        var ceiling = grown < options.BackoffCap ? grown : options.BackoffCap;
        double jitter;
        lock (random)
            jitter = random.NextDouble();
        var wait = _notBefore + (ceiling * jitter);
        _wasAsked = _notBefore > TimeSpan.Zero;
        _notBefore = TimeSpan.Zero;
        try
        {
            await Task.Delay(wait, TimeProvider.System, _power.Token);
        }
        catch (OperationCanceledException)
        {
            // Power off.
        }
    }

    private sealed class Message(uint sequence, int rows, byte[] bytes)
    {
        public uint Sequence => sequence;

        public int Rows => rows;

        public byte[] Bytes => bytes;

        public long SentAt { get; set; }

        public TimeSpan Since => Stopwatch.GetElapsedTime(SentAt);
    }
}
