namespace IoTGateway.Links;

/// <summary>On a stop, lets the devices go before the server closes: RETRY_AFTER, close 1001.</summary>
internal sealed class LinkDrain(LinkTable links, TimeProvider time) : IHostedLifecycleService
{
    /// <summary>Of the whole stop's time; the rest of it is for the journal.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3.5);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await links.DrainAsync(either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Who has not parted by now is cut with the server: all were told when to come back, and keep what has no receipt.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
