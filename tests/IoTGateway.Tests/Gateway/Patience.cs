namespace IoTGateway.Tests.Gateway;

/// <summary>How long a test waits for what must come; it is over only when something is broken.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(10);

    public static CancellationToken Token() => new CancellationTokenSource(Long).Token;

    /// <summary>Asks again and again until it holds.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var end = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(end) < Long, $"In vain waited for: {what}");
            await Task.Delay(Between, TimeProvider.System, CancellationToken.None);
        }
    }

    public static Task UntilAsync(Func<bool> holds, string what) => UntilAsync(() => Task.FromResult(holds()), what);
}
