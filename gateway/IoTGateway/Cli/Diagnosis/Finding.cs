namespace IoTGateway.Cli.Diagnosis;

/// <summary>What one step of an examination came to.</summary>
internal enum Verdict
{
    /// <summary>It is as it should be.</summary>
    Good,

    /// <summary>It works now, and will not for ever; or it could not be looked at.</summary>
    Doubtful,

    /// <summary>No device will connect, or no row be stored, until this is mended.</summary>
    Bad,
}

/// <summary>A step of an examination.</summary>
/// <param name="Step">Its name, one word.</param>
/// <param name="Verdict">What it came to.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Next">What to do; null where nothing is to be done.</param>
internal sealed record Finding(string Step, Verdict Verdict, string Detail, string? Next = null)
{
    public static Finding Good(string step, string detail) => new(step, Verdict.Good, detail);

    public static Finding Doubtful(string step, string detail, string next) =>
        new(step, Verdict.Doubtful, detail, next);

    public static Finding Bad(string step, string detail, string next) => new(step, Verdict.Bad, detail, next);
}
