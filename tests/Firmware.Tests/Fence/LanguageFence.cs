using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Firmware.Tests.Fence;

/// <summary>
/// Finds what nanoFramework 1.x does not compile, and what it compiles and then dies of on the board without a word.
/// Syntax first, then every symbol and every type that an expression has; a framework member is fine only if it is on
/// <see cref="AllowedApi"/>.
/// </summary>
internal sealed partial class LanguageFence
{
    private readonly AllowedApi _allowed;
    private readonly CSharpCompilation _firmware;
    private readonly SortedDictionary<string, Finding> _findings = new(StringComparer.Ordinal);

    private LanguageFence(CSharpCompilation firmware, AllowedApi allowed)
    {
        _firmware = firmware;
        _allowed = allowed;
    }

    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    public static LanguageFence Inspect(CSharpCompilation firmware, AllowedApi allowed)
    {
        var fence = new LanguageFence(firmware, allowed);
        foreach (var error in firmware.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error))
            fence.Report(error.Location, "C# 9", $"{error.Id} {error.GetMessage()}");
        foreach (var tree in firmware.SyntaxTrees)
        {
            var model = firmware.GetSemanticModel(tree);
            foreach (var node in tree.GetRoot().DescendantNodes().Where(node => !IsAlias(node)))
            {
                fence.CheckSyntax(node);
                fence.CheckSymbols(node, model);
            }
        }
        return fence;
    }

    /// <summary>The aliases of the stand-ins, which the board's toolchain never sees.</summary>
    private static bool IsAlias(SyntaxNode node) =>
        node.FirstAncestorOrSelf<Microsoft.CodeAnalysis.CSharp.Syntax.UsingDirectiveSyntax>() is not null;

    private void Report(Location location, string rule, string text)
    {
        var span = location.GetLineSpan();
        var finding = new Finding($"{span.Path}({span.StartLinePosition.Line + 1})", rule, text);
        _findings.TryAdd(finding.ToString(), finding);
    }

    private void Report(SyntaxNode node, string rule, string text) => Report(node.GetLocation(), rule, text);
}
