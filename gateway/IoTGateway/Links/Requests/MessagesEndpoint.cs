using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary><c>POST /v1/messages</c>: the same messages as on a link, in the bodies of a request and its answer.</summary>
internal sealed partial class MessagesEndpoint(
    RequestCheck check,
    PolledLinks polled,
    LinkServices services,
    ILogger<MessagesEndpoint> logger
)
{
    private const string Path = "/v1/messages";

    /// <summary>One that is held, one that brings rows, and each once more after an answer that was lost.</summary>
    private const int MostAtOnce = 4;

    public static void Map(WebApplication app)
    {
        var endpoint = app.Services.GetRequiredService<MessagesEndpoint>();
        // Not as a RequestDelegate, of which the API's description would say nothing.
        app.MapPost(Path, (HttpContext context, MessagesEndpoint messages) => messages.AnswerAsync(context))
            .WithTags("Link")
            .WithSummary(
                "The messages of a device link by request, for networks that strip upgrades (PROTOCOL.md, 'HTTP')"
            )
            .AddOpenApiOperationTransformer(MessagesDescription.DescribeAsync);
        // Every other method comes here as well, to be refused and counted as everything is.
        app.Map(Path, endpoint.AnswerAsync).ExcludeFromDescription();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var refused = check.Check(context.Request, out var asked) ?? await TakeAsync(context, asked);
        if (refused is null)
            return;
        services.Metrics.RequestRefused(refused.Refusal);
        if (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
            await refused.WriteAsync(context);
    }

    private async Task<HandshakeAnswer?> TakeAsync(HttpContext context, DeviceRequest asked)
    {
        var status = services.Statuses.Of(asked.Device);
        if (!status.TryBeginRequest(MostAtOnce))
            return RequestRefusals.TooManyAtOnce;
        try
        {
            using var body = new RequestReader();
            return await body.ReadAsync(context.Request, context.RequestAborted)
                ? await ExchangeAsync(context, asked, body)
                : RequestRefusals.TooLarge;
        }
        catch (Exception e) when (e is BadHttpRequestException or IOException or OperationCanceledException)
        {
            return RequestRefusals.Cut;
        }
        catch (Exception e)
        {
            LogFailed(e, asked.Device);
            return RequestRefusals.Error;
        }
        finally
        {
            status.EndRequest();
        }
    }

    private async Task<HandshakeAnswer?> ExchangeAsync(HttpContext context, DeviceRequest asked, RequestReader body)
    {
        var messages = new Range[ProtocolLimits.MessagesPerBody];
        var error = asked.Format.Split(
            body.Body.Span,
            services.Limits.MessageBytes,
            messages,
            out var count,
            out var epoch
        );
        if (RequestRefusals.Of(error) is { } unread)
            return unread;
        if (polled.Begin(asked, epoch, out var isNew, out var refused) is not { } exchange)
            return refused;
        try
        {
            using var gone = context.RequestAborted.UnsafeRegister(
                static exchange => ((Exchange)exchange!).Abandon(), // the state given here
                exchange
            );
            if (isNew && !check.StillAllows(context.Request))
                exchange.Revoke();
            refused = await exchange.TakeInAsync(body.Body, messages.AsMemory(0, count));
            // A request that is held needs its body no more.
            body.Dispose();
            refused ??= await exchange.ListenAsync(polled);
            if (refused is null)
                await WriteAsync(context, exchange, asked.Format);
            return refused;
        }
        finally
        {
            exchange.Finish();
        }
    }

    private async Task WriteAsync(HttpContext context, Exchange exchange, IBodyFormat format)
    {
        var answer = new WireWriter();
        exchange.Compose(answer);
        // What browsers are told with each page is five times as long as an answer, and no browser reads this.
        if (format is BinaryBody)
            context.Response.Headers.Clear();
        context.Response.ContentType = format.AnswerType;
        context.Response.ContentLength = answer.Length;
        try
        {
            await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
            services.Metrics.RequestAnswered();
        }
        catch
        {
            exchange.TakeBack();
            throw;
        }
    }

    [LoggerMessage(
        3110,
        LogLevel.Error,
        "{Device}: a request failed; the device keeps what it sent and sends it again"
    )]
    private partial void LogFailed(Exception exception, string device);
}
