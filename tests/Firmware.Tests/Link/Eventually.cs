using System.Diagnostics;

namespace Firmware.Tests.Link;

/// <summary>For what has no signal of its own, as the status of a device: looked at again and again, with a time limit.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
        {
            if (waited.Elapsed > TestLink.Patience)
                Assert.Fail("it did not come true in time");
            await tick.WaitForNextTickAsync();
        }
    }
}
