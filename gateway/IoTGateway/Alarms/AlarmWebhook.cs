using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace IoTGateway.Alarms;

/// <summary>
/// Tells a webhook of every event, in order, each until it is taken or has failed for a while. What is not told yet is
/// in <c>control.db</c>, so a restart forgets nothing; there are at most as many as that keeps.
/// </summary>
internal sealed partial class AlarmWebhook : BackgroundService
{
    /// <summary>Headers of a POST; the signature is the HMAC-SHA-256 of "timestamp.body" in hex.</summary>
    public const string SignatureHeader = "X-Iotgw-Signature";
    public const string TimestampHeader = "X-Iotgw-Timestamp";

    private const int MostAttempts = 10;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly AlarmStore _store;
    private readonly AlarmOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AsyncSignal _happened = new();
    private long _told;
    private long _failed;

    public AlarmWebhook(
        AlarmStore store,
        AlarmWatch watch,
        AlarmOptions options,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<AlarmWebhook> logger
    )
    {
        (_store, _options, _time, _logger) = (store, options, time, logger);
        watch.Happened += (_, _) => _happened.Set();
        metrics.Count("iotgw_alarm_webhooks_total", "Events of alarms that the webhook has taken", () => _told);
        metrics.Count(
            "iotgw_alarm_webhooks_failed_total",
            "Events of alarms that the webhook did not take",
            () => _failed
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (string.IsNullOrEmpty(_options.Webhook))
            return;
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout };
        using var stopping = stoppingToken.Register(_happened.Set);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                while (_store.NextUntold() is { } next)
                    await TellAsync(http, next, stoppingToken);
                await _happened.WaitAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is not told is told after the next start.
        }
    }

    private async Task TellAsync(HttpClient http, AlarmEvent happened, CancellationToken stoppingToken)
    {
        var delay = FirstDelay;
        for (var attempt = 1; ; attempt++)
        {
            var problem = await TryTellAsync(http, happened, stoppingToken);
            if (problem is null)
            {
                Interlocked.Increment(ref _told);
                break;
            }
            if (attempt == MostAttempts)
            {
                Interlocked.Increment(ref _failed);
                LogFailed(happened.Name, happened.Device, problem);
                break;
            }
            await Task.Delay(delay, _time, stoppingToken);
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
        _store.MarkTold(happened.Id);
    }

    /// <summary>What went wrong; null for nothing.</summary>
    private async Task<string?> TryTellAsync(HttpClient http, AlarmEvent happened, CancellationToken stoppingToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(AlarmMessage.Of(happened), JsonSerializerOptions.Web);
        var timestamp = $"{_time.GetUtcNow().ToUnixTimeSeconds()}";
        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Webhook);
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.Add(SignatureHeader, Sign(_options.WebhookSecret!, timestamp, body)); // AlarmOptions asks for it
        try
        {
            using var answer = await http.SendAsync(request, stoppingToken);
            return answer.IsSuccessStatusCode ? null : $"it answered {(int)answer.StatusCode}";
        }
        catch (Exception e)
            when (e is HttpRequestException
                || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested)
            )
        {
            return e.Message;
        }
    }

    /// <summary>What a receiver computes as well, and compares.</summary>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{timestamp}."), .. body];
        return $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed))}";
    }

    [LoggerMessage(
        4110,
        LogLevel.Warning,
        "alarm '{Name}' of {Device}: the webhook did not take it: {Problem}. It is not tried again; the event stands in the list. Check Alarms:Webhook"
    )]
    private partial void LogFailed(string name, string device, string problem);
}

/// <summary>An event of an alarm, as programs are told.</summary>
/// <param name="Id">Of the event: the same when it comes again.</param>
/// <param name="Name">What the rule is called.</param>
/// <param name="What">Such as "temperature above 30".</param>
/// <param name="Device">Of which device.</param>
/// <param name="State">raised or cleared.</param>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Value">That raised or ended it; null for missing.</param>
/// <param name="Late">It tells what was, not what is: the row came after newer ones.</param>
internal sealed record AlarmMessage(
    long Id,
    string Name,
    string What,
    string Device,
    string State,
    long Time,
    double? Value,
    bool Late
)
{
    public static AlarmMessage Of(AlarmEvent happened) =>
        new(
            happened.Id,
            happened.Name,
            happened.Words,
            happened.Device,
            happened.Raised ? "raised" : "cleared",
            happened.AtMs,
            happened.Value,
            happened.Late
        );
}
