using System.Collections.Concurrent;
using System.Threading.Channels;
using Firmware.Tests.Http;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using Microsoft.AspNetCore.Http;

namespace Firmware.Tests.Scenarios;

/// <summary>The same rules, and the same faults, for devices that ask by HTTP.</summary>
internal sealed partial class FaultyGateway
{
    private readonly ConcurrentDictionary<string, HttpSide> _sides = new();

    private HttpSide Side(string device) => _sides.GetOrAdd(device, _ => new());

    private async Task AnswerAsync(HttpContext context)
    {
        var device = context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Split('.')[0];
        var side = Side(device);
        side.Request = context;
        try
        {
            await SettleAsync(context, device, side);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The device is gone, or was dropped; nothing of it is settled for the device.
        }
        finally
        {
            side.Answered(context);
        }
    }

    private async Task SettleAsync(HttpContext context, string device, HttpSide side)
    {
        var messages = await RequestBody.ReadAsync(context.Request);
        var hello = DeviceMessageReader.Hello(messages[0])!;
        var journal = Journal(device);
        var acks = new List<byte[]>();
        foreach (var gap in messages.Where(m => m[0] == MessageType.Gap))
            journal.Told(DeviceMessageReader.Gap(gap)!);
        var rows = messages.Where(m => m[0] == MessageType.Telemetry).ToList();
        foreach (var bye in messages.Where(m => m[0] == MessageType.Bye))
            TakeBye(device, bye);
        var prepared = rows.Count > 0 && _vanishing.TryRemove(device, out var vanishing) ? vanishing : null;
        if (prepared?.How != Fault.GatewayGoneBeforeStoring)
        {
            foreach (var row in rows)
            {
                var telemetry = DeviceMessageReader.Telemetry(row, TestCatalog.Virtual)!;
                journal.Store(telemetry);
                acks.Add(GatewayBytes.Ack(telemetry.Epoch, telemetry.Sequence));
            }
        }

        prepared?.Felt();
        if (prepared?.How is Fault.GatewayGoneBeforeStoring or Fault.GatewayGoneBeforeAnswering)
        {
            context.Abort();
            return;
        }

        if (acks.Count == 0)
            await side.HeldAsync(context);
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var welcome = GatewayBytes.Welcome(journal.Highest(hello.Epoch), 4, wantsCatalog: false, now);
        var body = RequestBody.Of([welcome, .. acks, .. side.Take()]);
        context.Response.ContentType = RequestBody.ContentType;
        context.Response.ContentLength = body.Length;
        var cut = prepared is null ? body.Length : body.Length / 2;
        await context.Response.Body.WriteAsync(body.AsMemory(0, cut), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (cut < body.Length)
            context.Abort();
    }

    /// <summary>What one device's requests are told.</summary>
    private sealed class HttpSide
    {
        private readonly Channel<byte[]> _commands = Channel.CreateUnbounded<byte[]>();
        private volatile HttpContext? _request;

        public HttpContext Request
        {
            set => _request = value;
        }

        public void Answered(HttpContext request)
        {
            if (_request == request)
                _request = null;
        }

        public void Give(byte[] command) => _commands.Writer.TryWrite(command);

        /// <summary>Each command twice, as where an answer was lost.</summary>
        public IEnumerable<byte[]> Take()
        {
            while (_commands.Reader.TryRead(out var command))
            {
                yield return command;
                yield return command;
            }
        }

        /// <summary>The request is gone, if there is one that is held or is being answered.</summary>
        public bool Drop()
        {
            if (_request is not { } request)
                return false;
            try
            {
                request.Abort();
                return true;
            }
            catch (ObjectDisposedException)
            {
                // It was just answered.
                return false;
            }
        }

        public async Task HeldAsync(HttpContext context)
        {
            var seconds = int.Parse(context.Request.Query["wait"].ToString());
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            limit.CancelAfter(TimeSpan.FromSeconds(seconds));
            try
            {
                await _commands.Reader.WaitToReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                // Nothing to say.
            }
        }
    }
}
