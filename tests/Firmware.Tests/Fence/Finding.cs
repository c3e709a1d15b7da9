namespace Firmware.Tests.Fence;

/// <summary>Something the board's compiler or runtime does not take.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Rule">A short name of what is wrong.</param>
/// <param name="Text">What, and what to do instead.</param>
internal sealed record Finding(string Place, string Rule, string Text)
{
    public override string ToString() => $"{Place}: {Rule}: {Text}";
}
