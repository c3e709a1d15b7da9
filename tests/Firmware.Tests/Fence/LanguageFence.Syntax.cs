using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Firmware.Tests.Fence;

internal sealed partial class LanguageFence
{
    private void CheckSyntax(SyntaxNode node)
    {
        if (RuleOf(node) is { } broken)
            Report(node, broken.Rule, broken.Text);
        if (node is MemberDeclarationSyntax member)
            CheckStatic(member);
        if (node is MemberDeclarationSyntax { Parent: InterfaceDeclarationSyntax } promised)
            CheckInterfaceMember(promised);
        if (node is InvocationExpressionSyntax call)
            CheckFormat(call);
    }

    private static (string Rule, string Text)? RuleOf(SyntaxNode node) =>
        node switch
        {
            TypeParameterListSyntax => (
                "own generics",
                "they compile, and the board dies of them in silence: write the type out"
            ),
            GenericNameSyntax => (
                "generics",
                "the board has no generic types and methods: ArrayList, Hashtable, or an array"
            ),
            AwaitExpressionSyntax => ("async", "there is no Task: a step that says when it wants to be called again"),
            YieldStatementSyntax => ("yield", "iterators are generic: fill an array"),
            RecordDeclarationSyntax => ("records", "write a sealed class"),
            WithExpressionSyntax => ("records", "write a sealed class"),
            RangeExpressionSyntax => ("index and range", "count with int"),
            PrefixUnaryExpressionSyntax prefix when prefix.IsKind(SyntaxKind.IndexExpression) => (
                "index and range",
                "count with int"
            ),
            TupleTypeSyntax or TupleExpressionSyntax or ParenthesizedVariableDesignationSyntax => (
                "tuples",
                "they are generic: a small class, or out parameters"
            ),
            NullableTypeSyntax => ("nullable", "Nullable<T> is generic: a value that means none, or a bool beside it"),
            QueryExpressionSyntax => ("LINQ", "write the loop"),
            ArrayRankSpecifierSyntax { Rank: > 1 } => (
                "multi-dimensional arrays",
                "they compile, and the board dies of them in silence: an array of arrays"
            ),
            AnonymousObjectCreationExpressionSyntax => ("anonymous types", "they are generic: a small class"),
            StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax => (
                "stackalloc",
                "the board has no Span: an array that is allocated once"
            ),
            PointerTypeSyntax or FunctionPointerTypeSyntax or UnsafeStatementSyntax => (
                "unsafe",
                "the board has no pointers"
            ),
            PredefinedTypeSyntax predefined when predefined.Keyword.IsKind(SyntaxKind.DecimalKeyword) => (
                "decimal",
                "the board has none: a long in units of the smallest step"
            ),
            InterpolationFormatClauseSyntax format when !KnownFormat().IsMatch(format.FormatStringToken.ValueText) => (
                "format",
                $"':{format.FormatStringToken.ValueText}': the board knows F2, X4, N0, D5 and their like"
            ),
            InterpolationAlignmentClauseSyntax => ("format", "no alignment on the board: PadLeft"),
            AnonymousFunctionExpressionSyntax lambda when lambda.AsyncKeyword != default => (
                "async",
                "there is no Task"
            ),
            BaseMethodDeclarationSyntax method when method.Modifiers.Any(SyntaxKind.AsyncKeyword) => (
                "async",
                "there is no Task"
            ),
            LocalFunctionStatementSyntax local when local.Modifiers.Any(SyntaxKind.AsyncKeyword) => (
                "async",
                "there is no Task"
            ),
            _ => null,
        };

    /// <summary>Many virtual devices share one process; on a board it is one more thing that nobody resets.</summary>
    private void CheckStatic(MemberDeclarationSyntax member)
    {
        if (!member.Modifiers.Any(SyntaxKind.StaticKeyword))
            return;
        var mutable = member switch
        {
            EventFieldDeclarationSyntax => true,
            FieldDeclarationSyntax => !member.Modifiers.Any(SyntaxKind.ReadOnlyKeyword),
            PropertyDeclarationSyntax property => property.AccessorList?.Accessors.Any(accessor =>
                accessor.IsKind(SyntaxKind.SetAccessorDeclaration)
            ) == true,
            _ => false,
        };
        if (mutable)
            Report(member, "static state", "give it to the object that owns it");
    }

    private void CheckInterfaceMember(MemberDeclarationSyntax member)
    {
        var hasBody =
            member is MethodDeclarationSyntax { Body: not null } or MethodDeclarationSyntax { ExpressionBody: not null }
            || member is PropertyDeclarationSyntax { ExpressionBody: not null }
            || member
                .DescendantNodes()
                .OfType<AccessorDeclarationSyntax>()
                .Any(accessor => accessor.Body is not null || accessor.ExpressionBody is not null);
        if (hasBody || member.Modifiers.Any(SyntaxKind.StaticKeyword))
            Report(member, "default interface members", "the board's runtime does not find them: an ordinary class");
    }

    private void CheckFormat(InvocationExpressionSyntax call)
    {
        var name = (call.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.Text;
        if (
            name is not ("ToString" or "Format")
            || call.ArgumentList.Arguments.FirstOrDefault()?.Expression is not LiteralExpressionSyntax literal
        )
            return;
        var text = literal.Token.ValueText;
        var formats =
            name == "ToString" ? [text] : Placeholders().Matches(text).Select(match => match.Groups["format"].Value);
        foreach (var format in formats.Where(format => !KnownFormat().IsMatch(format)))
            Report(call, "format", $"'{format}': the board knows F2, X4, N0, D5 and their like");
    }

    [GeneratedRegex("^[FXND][0-9]{0,2}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex KnownFormat();

    [GeneratedRegex(
        @"\{[0-9]+[^{}:]*:(?<format>[^{}]*)\}",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Placeholders();
}
