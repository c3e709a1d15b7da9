using System.Text.RegularExpressions;
using IoTGateway.Bench;
using IoTGateway.Fuzz;

namespace IoTGateway.Tests.Protocol;

/// <summary>PROTOCOL.md cannot drift from the vectors, and through them from the codec.</summary>
public partial class ProtocolDocumentTests
{
    private const int Timeout = 1000;

    private static readonly VectorFile Vectors = VectorFile.Load();

    private static readonly BodyFile Bodies = BodyFile.Load();

    private static readonly string Document = File.ReadAllText(
        Path.Combine(RepositoryRoot.Path, "gateway", "IoTGateway.Protocol", "PROTOCOL.md")
    );

    public static TheoryData<string, string> Examples =>
        [.. HexFence().Matches(Document).Select(match => (match.Groups["name"].Value, match.Groups["hex"].Value))];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_the_vector_of_its_name(string name, string hex)
    {
        var meant = name.StartsWith("http-", StringComparison.Ordinal) ? Bodies[name].Hex : Vectors[name].Hex;

        Assert.Equal(meant, Whitespace().Replace(Comment().Replace(hex, ""), ""));
    }

    [Fact]
    public void The_whole_session_and_every_encoding_are_shown()
    {
        var shown = HexFence().Matches(Document).Select(match => match.Groups["name"].Value).ToArray();
        string[] encodings = ["missing-decimal", "constant-", "series-", "sparse-", "gaps"];

        Assert.Equal(
            Vectors
                .All.Where(v => v.Refused is null && v.Name.StartsWith("session-", StringComparison.Ordinal))
                .Select(v => v.Name),
            shown.Where(name => name.StartsWith("session-", StringComparison.Ordinal))
        );
        Assert.All(
            encodings,
            encoding =>
                Assert.Contains(shown, name => name.StartsWith("telemetry-" + encoding, StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Every_link_inside_the_page_leads_to_a_heading()
    {
        var headings = Heading().Matches(Document).Select(match => Anchor(match.Groups["text"].Value)).ToHashSet();

        Assert.All(InnerLink().Matches(Document), link => Assert.Contains(link.Groups["anchor"].Value, headings));
    }

    private static string Anchor(string heading) =>
        NotInAnchor().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(
        @"^```hex (?<name>\S+)\n(?<hex>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline,
        Timeout
    )]
    private static partial Regex HexFence();

    [GeneratedRegex(@"#.*$", RegexOptions.Multiline, Timeout)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s+", RegexOptions.None, Timeout)]
    private static partial Regex Whitespace();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline, Timeout)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(#(?<anchor>[^)]+)\)", RegexOptions.None, Timeout)]
    private static partial Regex InnerLink();

    [GeneratedRegex(@"[^a-z0-9 _-]", RegexOptions.None, Timeout)]
    private static partial Regex NotInAnchor();
}
