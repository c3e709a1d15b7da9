namespace IoTGateway.Faults.Runs;

/// <summary>How long receipts took: half of them less than the one, nine of ten less than the other.</summary>
internal readonly record struct Waits(TimeSpan Median, TimeSpan Ninety)
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    public static Waits Of(List<TimeSpan> waits)
    {
        Assert.True(waits.Count > 20, $"Only {waits.Count} receipts came in that time.");
        waits.Sort();
        return new Waits(waits[waits.Count / 2], waits[waits.Count * 9 / 10]);
    }

    /// <summary>
    /// Not noticeably longer than in the calm just before. A second is what a busy machine may keep anybody waiting, whose
    /// cores the peers of the test take as well.
    /// </summary>
    public bool IsLike(Waits calm) => Median < (calm.Median * 2) + Slack && Ninety < (calm.Ninety * 2) + Slack;

    public override string ToString() => $"{Median.TotalMilliseconds:F1}/{Ninety.TotalMilliseconds:F1} ms";
}
