using System.Text.RegularExpressions;
using IoTGateway.Tests;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Firmware.Tests.Fence;

/// <summary>
/// Compiles firmware as the board's toolchain would: C# 9, no implicit usings, nothing but what a file itself names;
/// nanoFramework's own types come from the virtual device's stand-ins.
/// </summary>
internal static partial class FirmwareSource
{
    // The name to which the virtual device shows its internals. The firmware's types are in there as well; those that are
    // compiled here go first.
    private const string FirmwareAssembly = "Firmware.Tests";

    private static readonly Lazy<MetadataReference[]> References = new(() => [.. Platform(), StandIns()]);
    private static readonly Lazy<string> Aliases = new(ReadAliases);

    public static string FenceFolder { get; } = Path.Combine(RepositoryRoot.Path, "tests", "Firmware.Tests", "Fence");

    public static string FirmwareFolder { get; } =
        Path.GetFullPath(Path.Combine(FenceFolder, "../../../firmware/Device"));

    private static string StandInFolder => Path.GetFullPath(Path.Combine(FirmwareFolder, "../VirtualDevice/StandIns"));

    /// <summary>Every file that is flashed.</summary>
    public static CSharpCompilation Firmware() =>
        Compile(
            Files(FirmwareFolder).Select(file => (Path.GetRelativePath(FirmwareFolder, file), File.ReadAllText(file)))
        );

    /// <summary>Every file that is flashed, and one more.</summary>
    public static CSharpCompilation FirmwareWith(string name, string code) =>
        Compile(
            Files(FirmwareFolder)
                .Select(file => (Path.GetRelativePath(FirmwareFolder, file), File.ReadAllText(file)))
                .Append((name, code))
        );

    /// <summary>A piece of firmware.</summary>
    public static CSharpCompilation Snippet(string code) => Compile([("Snippet.cs", code)]);

    private static CSharpCompilation Compile(IEnumerable<(string Path, string Text)> files)
    {
        var language = new CSharpParseOptions(LanguageVersion.CSharp9);
        // In front of the first line, so that line numbers stay.
        var trees = files.Select(file => CSharpSyntaxTree.ParseText(Aliases.Value + file.Text, language, file.Path));
        return CSharpCompilation.Create(FirmwareAssembly, trees, References.Value, Library());
    }

    /// <summary>Every source file in there, build output aside.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory
            .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(Path.GetRelativePath(folder, file)))
            .Order(StringComparer.Ordinal);

    /// <summary>What .NET has.</summary>
    public static PortableExecutableReference[] Platform()
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location);
        var trusted = (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "";
        return
        [
            .. trusted
                .Split(Path.PathSeparator)
                .Where(file => Path.GetDirectoryName(file) == runtime)
                .Select(file => MetadataReference.CreateFromFile(file)),
        ];
    }

    /// <summary>The virtual device as it was built, whose internals this test may see.</summary>
    private static PortableExecutableReference StandIns() =>
        MetadataReference.CreateFromFile(typeof(IoTGateway.VirtualDevice.VirtualDevice).Assembly.Location);

    /// <summary>The stand-ins' global aliases, as C# 9 can say them: at the head of each file.</summary>
    private static string ReadAliases() =>
        string.Join(
            ' ',
            File.ReadLines(Path.Combine(StandInFolder, "Aliases.cs"))
                .Where(line => line.StartsWith("global using ", StringComparison.Ordinal))
                .Select(line => line["global ".Length..])
        ) + " ";

    private static CSharpCompilationOptions Library() => new(OutputKind.DynamicallyLinkedLibrary);

    [GeneratedRegex("^(bin|obj|packages)[/\\\\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BuildOutput();
}
