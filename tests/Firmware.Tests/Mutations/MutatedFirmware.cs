using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Firmware.Tests.Fence;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Firmware.Tests.Mutations;

/// <summary>
/// The virtual device with its firmware, compiled anew with a few words of its source changed, and these same tests beside
/// it in a world of their own: what a test says of such a firmware.
/// </summary>
internal sealed partial class MutatedFirmware : AssemblyLoadContext
{
    // A test of a firmware without its cure mostly waits for what never comes.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);
    private static readonly Lazy<CSharpCompilation> Whole = new(Compile);

    private readonly Assembly _device;

    private MutatedFirmware(byte[] device)
        : base(isCollectible: false) => _device = LoadFromStream(new MemoryStream(device));

    /// <param name="changes">A file under firmware/Device, what is in it once, and what takes its place.</param>
    public static MutatedFirmware With(params (string File, string Old, string New)[] changes) => With([], changes);

    /// <param name="added">More files for firmware/Device, by their path there.</param>
    /// <param name="changes">A file under firmware/Device, what is in it once, and what takes its place.</param>
    public static MutatedFirmware With(
        (string File, string Text)[] added,
        params (string File, string Old, string New)[] changes
    )
    {
        var mutant = Whole.Value.AddSyntaxTrees(
            added.Select(more => CSharpSyntaxTree.ParseText(more.Text, Language, "Device/" + more.File))
        );
        foreach (var (file, old, instead) in changes)
        {
            var tree = mutant.SyntaxTrees.Single(t => t.FilePath.EndsWith("Device/" + file, StringComparison.Ordinal));
            var text = tree.GetText().ToString();
            if (text.Split(old).Length != 2)
                throw new InvalidOperationException(
                    $"{file} has not exactly one \"{old}\": the cure has moved, move this too"
                );
            var changed = tree.WithChangedText(SourceText.From(text.Replace(old, instead, StringComparison.Ordinal)));
            mutant = mutant.ReplaceSyntaxTree(tree, changed);
        }

        using var assembly = new MemoryStream();
        var result = mutant.Emit(assembly);
        var errors = result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        return result.Success
            ? new MutatedFirmware(assembly.ToArray())
            : throw new InvalidOperationException("the mutant does not compile: " + string.Join(", ", errors.Take(3)));
    }

    /// <summary>
    /// What the test throws when it meets this firmware, and, for a wait that had no end, for what the test waited; null where
    /// it passes.
    /// </summary>
    public async Task<string?> FailureOfAsync(Type test, string method, int patience = 1)
    {
        var limit = patience * Patience;
        var tests = LoadFromAssemblyPath(typeof(MutatedFirmware).Assembly.Location);
        Type Here(Type type) =>
            tests.GetType(type.FullName!) ?? throw new InvalidOperationException($"there is no {type}"); // named types only
        Here(typeof(Link.TestLink)).GetProperty(nameof(Link.TestLink.Patience))!.SetValue(null, limit); // it is there
        var fact = Here(test).GetMethod(method) ?? throw new InvalidOperationException($"{test} has no {method}");
        var subject = Activator.CreateInstance(Here(test));
        try
        {
            await ((Task)fact.Invoke(subject, null)!).WaitAsync(6 * limit); // facts of links are all async
            return null;
        }
        catch (TimeoutException e)
        {
            return "waited in vain in "
                + string.Join(" < ", Callers().Matches(e.StackTrace ?? "").Select(m => m.Value));
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }

    [GeneratedRegex(
        "(?<=Firmware\\.Tests\\.Link\\.)[A-Za-z]+\\.[A-Za-z_]+",
        RegexOptions.None,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Callers();

    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name == _device.GetName().Name ? _device : null;

    private static CSharpCompilation Compile()
    {
        var built = typeof(IoTGateway.VirtualDevice.VirtualDevice).Assembly;
        var firmware = FirmwareSource.FirmwareFolder;
        var virtualDevice = Path.GetFullPath(Path.Combine(firmware, "../VirtualDevice"));
        var files = FirmwareSource
            .Files(firmware)
            .Where(f => !f.Contains("/Properties/"))
            .Concat(FirmwareSource.Files(virtualDevice));
        var head = string.Concat(
            (
                (string[])["", ".IO", ".Linq", ".Net.Http", ".Threading", ".Threading.Tasks", ".Collections.Generic"]
            ).Select(n => $"global using System{n};")
        );
        var attributes =
            $"[assembly: {typeof(InternalsVisibleToAttribute).FullName}(\"{typeof(MutatedFirmware).Assembly.GetName().Name}\")]"
            + $"[assembly: {typeof(AssemblyVersionAttribute).FullName}(\"{built.GetName().Version}\")]";
        var trees = files
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), Language, f))
            .Append(CSharpSyntaxTree.ParseText(head + attributes, Language, "Head.cs"));
        return CSharpCompilation.Create(
            built.GetName().Name,
            trees,
            FirmwareSource.Platform(),
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Annotations
            )
        );
    }
}
