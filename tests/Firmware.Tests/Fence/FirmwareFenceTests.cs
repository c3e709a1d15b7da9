namespace Firmware.Tests.Fence;

/// <summary>The firmware stays within what the board's compiler and runtime take.</summary>
public sealed class FirmwareFenceTests
{
    [Fact]
    public void The_firmware_uses_nothing_that_the_board_does_not_have()
    {
        var fence = LanguageFence.Inspect(FirmwareSource.Firmware(), AllowedApi.Load());
        Assert.True(fence.Findings.Count == 0, string.Join('\n', fence.Findings));
    }
}
