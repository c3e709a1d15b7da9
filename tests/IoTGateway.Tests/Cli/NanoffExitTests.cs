using IoTGateway.Cli.Provisioning;

namespace IoTGateway.Tests.Cli;

public class NanoffExitTests
{
    public static TheoryData<int> Codes => new(NanoffExit.Codes);

    [Theory]
    [MemberData(nameof(Codes))]
    public void Each_code_is_explained_as_it_is_as_its_low_byte_and_by_what_was_printed(int code)
    {
        var explained = NanoffExit.Explain(code, "");
        Assert.StartsWith($"nanoff ended with {code}: ", explained, StringComparison.Ordinal);
        Assert.EndsWith(".", explained.TrimEnd(')'), StringComparison.Ordinal);
        Assert.Equal(explained, NanoffExit.Explain(code & 0xFF, ""));
        Assert.Equal(explained, NanoffExit.Explain(1, $"connecting\nError E{code}: something\n"));
        Assert.False(NanoffExit.Succeeded(code, ""));
    }

    [Theory]
    [InlineData(208, "E4003: no", "nanoff ended with 4003:")] // what is printed says more than eight bits
    [InlineData(208, "E1234: no", "nanoff ended with 2000:")]
    [InlineData(77, "E1234: no", "nanoff ended with 77, which is none of the codes known here")]
    [InlineData(77, "XE4003 and E40031", "nanoff ended with 77, which is none of the codes known here")]
    [InlineData(0, "E4003", "A file did not reach the board, although nanoff ended with 0.")]
    public void What_is_printed_counts_where_it_is_a_code(int exitCode, string output, string explained)
    {
        Assert.StartsWith(explained, NanoffExit.Explain(exitCode, output), StringComparison.Ordinal);
    }
}
