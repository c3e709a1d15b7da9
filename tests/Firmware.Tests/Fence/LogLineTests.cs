using IoTGateway.Tests;

namespace Firmware.Tests.Fence;

/// <summary>Whoever reads a line on a board's console finds it in the README, with what to do.</summary>
public class LogLineTests
{
    private static readonly IReadOnlyCollection<string> Texts = LogTexts.Of(FirmwareSource.Firmware());

    [Fact]
    public void Each_line_that_the_firmware_writes_is_explained()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "README.md"));
        var explained = readme[readme.IndexOf("### What the board says", StringComparison.Ordinal)..];

        var missing = Texts.Where(text => !explained.Contains(text, StringComparison.Ordinal));
        Assert.True(!missing.Any(), $"not in firmware/README.md:\n{string.Join('\n', missing)}");
    }

    [Theory]
    [InlineData("no network or no time yet; sampling starts without")] // said as it stands
    [InlineData("connect hangs")] // by way of a parameter
    [InlineData("the inbox is full")] // of a field, and an interface's property
    [InlineData("(the doctor cannot be asked:")] // by what a method returns
    [InlineData("the answer was cut off")] // in an exception
    [InlineData("gives values again")] // in one of two branches
    [InlineData("messages had no room and were dropped")] // to the gateway alone
    public void Words_are_found_however_they_come_there(string text)
    {
        Assert.Contains(Texts, found => found.Contains(text, StringComparison.Ordinal));
    }
}
