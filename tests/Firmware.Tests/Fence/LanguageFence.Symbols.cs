using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Firmware.Tests.Fence;

internal sealed partial class LanguageFence
{
    private void CheckSymbols(SyntaxNode node, SemanticModel model)
    {
        // A member access is judged at its name.
        if (node is not MemberAccessExpressionSyntax and not QualifiedNameSyntax)
            Check(node, model.GetSymbolInfo(node).Symbol);
        if (node is ExpressionSyntax expression)
        {
            CheckType(node, model.GetTypeInfo(expression).Type);
            CheckType(node, model.GetTypeInfo(expression).ConvertedType);
            Check(node, model.GetConversion(expression).MethodSymbol);
        }
        if (node is ForEachStatementSyntax loop)
            CheckLoop(loop, model);
        if (node is MethodDeclarationSyntax or PropertyDeclarationSyntax)
            CheckReturn(node, model.GetDeclaredSymbol(node));
    }

    private void Check(SyntaxNode node, ISymbol? symbol)
    {
        symbol = symbol?.OriginalDefinition;
        if (symbol is null or INamespaceSymbol or IMethodSymbol { MethodKind: MethodKind.BuiltinOperator })
            return;
        if (symbol is IMethodSymbol { ReducedFrom: { } extension })
            symbol = extension;
        // Our own members, locals and parameters; the symbols of arrays and of dynamic have no assembly.
        if (
            symbol.ContainingAssembly is null
            || SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, _firmware.Assembly)
        )
            return;
        if (IsGeneric(symbol))
        {
            Report(
                node,
                "generics",
                $"{symbol.ToDisplayString()} is generic: ArrayList, Hashtable, or a delegate of your own"
            );
            return;
        }
        if (symbol.GetDocumentationCommentId() is not { } id)
            return;
        id = AllowedApi.Shorten(id);
        if (!_allowed.Has(id))
            Report(
                node,
                "not on the board",
                $"{id} is not in Fence/allowed-api.txt. Does a nanoFramework package have it? Then add it there, under that package"
            );
    }

    private void CheckType(SyntaxNode node, ITypeSymbol? type)
    {
        while (type is IArrayTypeSymbol array)
        {
            if (array.Rank > 1)
                Report(node, "multi-dimensional arrays", "an array of arrays");
            type = array.ElementType;
        }
        if (type is null)
            return;
        if (type.SpecialType == SpecialType.System_Decimal)
            Report(node, "decimal", "the board has none: a long in units of the smallest step");
        if (type.TypeKind == TypeKind.Dynamic)
            Report(node, "dynamic", "name the type");
        if (type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr)
            Report(node, "native integers", "int or long");
        if (type is INamedTypeSymbol { IsAnonymousType: false } named && IsGeneric(named))
            Report(node, "generics", $"{type.ToDisplayString()} is generic");
    }

    private void CheckLoop(ForEachStatementSyntax loop, SemanticModel model)
    {
        var over = model.GetTypeInfo(loop.Expression).Type;
        if (over is not IArrayTypeSymbol && over?.SpecialType != SpecialType.System_String)
            Check(loop, model.GetForEachStatementInfo(loop).GetEnumeratorMethod);
    }

    /// <summary>An override that returns more than its base needs a runtime that knows of it.</summary>
    private void CheckReturn(SyntaxNode node, ISymbol? declared)
    {
        var (own, inherited) = declared switch
        {
            IMethodSymbol method => (method.ReturnType, method.OverriddenMethod?.ReturnType),
            IPropertySymbol property => (property.Type, property.OverriddenProperty?.Type),
            _ => (null, null),
        };
        if (inherited is not null && !SymbolEqualityComparer.Default.Equals(own, inherited))
            Report(node, "covariant returns", "return what the base returns");
    }

    private static bool IsGeneric(ISymbol symbol) =>
        symbol is IMethodSymbol { Arity: > 0 }
        || symbol is INamedTypeSymbol { Arity: > 0 }
        || (symbol.ContainingType is { } outer && IsGeneric(outer));
}
