namespace IoTGateway.Links;

/// <summary>
/// Reads on while a message waits for room in the journal: the device's pongs come behind its messages, and a link whose
/// pongs nobody reads is taken for silent. Nothing that is held is acknowledged.
/// </summary>
internal sealed partial class WebSocketLink
{
    /// <summary>Of a ping period: well before a pong is missed, and long for a journal that has room.</summary>
    private const double PartOfPing = 0.25;

    /// <summary>A read that was under way when the last held message was taken; the next one of the link's.</summary>
    private Task<LinkEnd?>? _reading;

    private async ValueTask<LinkEnd?> TakeSlowlyAsync(Task<LinkEnd?> taking)
    {
        using (var soon = new CancellationTokenSource())
        {
            var limit = TimeSpan.FromSeconds(_services.Limits.PingSeconds * PartOfPing);
            await Task.WhenAny(taking, Task.Delay(limit, _services.Time, soon.Token));
            await soon.CancelAsync();
        }
        return await (taking.IsCompleted ? taking : HoldAsync(taking));
    }

    private async Task<LinkEnd?> HoldAsync(Task<LinkEnd?> taking)
    {
        // The message that waits keeps its bytes.
        _frames.LetGo();
        using var hold = new MessageHold(_services.Held, _services.Limits.Window);
        _reading = ReadAsync();
        while (true)
        {
            if (hold.IsFull)
                await taking;
            else
                await Task.WhenAny(taking, _reading);
            if (taking.IsCompleted)
            {
                if (await taking is { } unfit)
                    return unfit;
                if (!hold.TryTake(out var next))
                    return null;
                taking = _session.TakeAsync(next, _stop.Token).AsTask();
            }
            else if (await _reading is { } ended)
                return ended;
            else if (_frames.Kind != _session.Dialect.Kind)
                return LinkEnd.WrongKind;
            else
            {
                // Whoever is told to go is not heard any more.
                if (_session.Closing is null)
                    hold.Add(_frames.Message);
                _reading = ReadAsync();
            }
        }
    }

    /// <summary>The next read, or the one that is under way.</summary>
    private ValueTask<LinkEnd?> NextAsync() =>
        Interlocked.Exchange(ref _reading, null) is { } reading ? new(reading) : _frames.ReadAsync(PingedAsync);

    private async Task<LinkEnd?> ReadAsync()
    {
        _isReading = true;
        var ended = await _frames.ReadAsync(PingedAsync);
        _isReading = false;
        return ended;
    }

    /// <summary>No buffer is given back while something is read into it.</summary>
    private async ValueTask EndReadingAsync()
    {
        if (_reading is not { } reading)
            return;
        _connection.Abort();
        await reading;
    }
}
