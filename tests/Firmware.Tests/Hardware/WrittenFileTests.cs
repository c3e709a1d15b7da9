using System.Xml.Linq;
using IoTGateway.Hardware;
using IoTGateway.Tests;

namespace Firmware.Tests.Hardware;

/// <summary>What is committed is what the tool would write now.</summary>
public class WrittenFileTests
{
    private static readonly IReadOnlyList<WrittenFile> Written = WrittenFile.All(
        HardwareFolder.Boards,
        HardwareFolder.Node
    );

    public static TheoryData<string> Paths => new(Written.Select(f => f.Path));

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_written_file_is_what_the_boards_and_the_node_say(string path)
    {
        var file = Path.Combine(RepositoryRoot.Path, path);
        var text = Written.Single(f => f.Path == path).Text;

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == text,
            $"{path} has drifted: run 'dotnet run --project hardware/tool' and commit what it writes"
        );
    }

    [Fact]
    public void A_picture_is_well_formed() =>
        Assert.All(
            Written.Where(f => f.Path.EndsWith(".svg", StringComparison.Ordinal)),
            f => Assert.Equal("svg", XDocument.Parse(f.Text).Root?.Name.LocalName)
        );
}
