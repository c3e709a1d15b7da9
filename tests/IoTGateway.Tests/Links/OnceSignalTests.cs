namespace IoTGateway.Tests.Links;

public sealed class OnceSignalTests
{
    private OnceSignal _signal;

    [Fact]
    public async Task Whoever_waits_before_is_woken()
    {
        var first = _signal.WaitAsync();
        var second = _signal.WaitAsync();
        Assert.False(first.IsCompleted || second.IsCompleted || _signal.IsSet);
        _signal.Set();
        Assert.True(_signal.IsSet);
        await first.WaitAsync(TestContext.Current.CancellationToken);
        await second.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Whoever_comes_after_does_not_wait()
    {
        _signal.Set();
        _signal.Set();
        Assert.True(_signal.WaitAsync().IsCompletedSuccessfully);
    }
}
