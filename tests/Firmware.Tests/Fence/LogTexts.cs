using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Firmware.Tests.Fence;

/// <summary>
/// The pieces of text from which the firmware makes what it says to people. From each call that says something, followed back
/// to where its words come from: through parameters to the callers, through locals, fields and properties to what is assigned
/// to them, through methods to what they return, and through an exception's message to every exception that is thrown.
/// </summary>
internal sealed class LogTexts
{
    private readonly List<(SyntaxNode Node, SemanticModel Model)> _nodes;
    private readonly HashSet<ISymbol> _followed = new(SymbolEqualityComparer.Default);
    private readonly SortedSet<string> _texts = new(StringComparer.Ordinal);
    private bool _thrown;

    private LogTexts(CSharpCompilation firmware) =>
        _nodes = [
            .. firmware.SyntaxTrees.SelectMany(tree =>
            {
                var model = firmware.GetSemanticModel(tree);
                return tree.GetRoot().DescendantNodes().Select(node => (node, model));
            }),
        ];

    /// <summary>Those with a word in them, without the blanks around.</summary>
    public static IReadOnlyCollection<string> Of(CSharpCompilation firmware)
    {
        var found = new LogTexts(firmware);
        foreach (var (call, model) in found.Nodes<InvocationExpressionSyntax>())
        {
            if (model.GetSymbolInfo(call).Symbol is IMethodSymbol said && Says(said))
                found.FollowAll(call.ArgumentList.Arguments, model);
        }

        return found._texts;
    }

    private static bool Says(IMethodSymbol method) =>
        (method.ContainingType.Name, method.Name)
            is
                ("IBoard", "Log")
                or
                ("DeviceMessages", "Log")
                or
                ("Console", "WriteLine");

    private IEnumerable<(T Node, SemanticModel Model)> Nodes<T>()
        where T : SyntaxNode => _nodes.Where(n => n.Node is T).Select(n => ((T)n.Node, n.Model));

    private void FollowAll(SeparatedSyntaxList<ArgumentSyntax> arguments, SemanticModel model)
    {
        foreach (var argument in arguments)
            Follow(argument.Expression, model);
    }

    private void Follow(SyntaxNode? text, SemanticModel model)
    {
        foreach (var node in text?.DescendantNodesAndSelf() ?? [])
        {
            if (node is LiteralExpressionSyntax literal && literal.IsKind(SyntaxKind.StringLiteralExpression))
                Add(literal.Token.ValueText);
            else if (node is InterpolatedStringTextSyntax part)
                Add(part.TextToken.ValueText);
            else if (node is IdentifierNameSyntax && model.GetSymbolInfo(node).Symbol is { } symbol)
                Follow(symbol);
        }
    }

    private void Add(string text)
    {
        if (text.Any(char.IsLetter))
            _texts.Add(text.Trim());
    }

    private void Follow(ISymbol symbol)
    {
        if (symbol is IPropertySymbol { Name: "Message", ContainingType.Name: "Exception" })
            FollowThrown();
        else if (IsText(symbol) && _followed.Add(symbol.OriginalDefinition))
        {
            if (symbol is IParameterSymbol parameter)
                FollowCallers(parameter);
            FollowDeclaration(symbol);
            FollowAssignments(symbol);
            FollowImplementations(symbol);
        }
    }

    private static bool IsText(ISymbol symbol)
    {
        var type = symbol switch
        {
            IParameterSymbol parameter => parameter.Type,
            ILocalSymbol local => local.Type,
            IFieldSymbol field => field.Type,
            IPropertySymbol property => property.Type,
            IMethodSymbol method => method.ReturnType,
            _ => null,
        };
        return (type is IArrayTypeSymbol array ? array.ElementType : type)?.SpecialType == SpecialType.System_String;
    }

    private void FollowThrown()
    {
        if (_thrown)
            return;
        _thrown = true;
        foreach (var (thrown, model) in Nodes<ThrowStatementSyntax>())
        {
            if (thrown.Expression is ObjectCreationExpressionSyntax { ArgumentList: { } given })
                FollowAll(given.Arguments, model);
        }
    }

    private void FollowCallers(IParameterSymbol parameter)
    {
        foreach (var (node, model) in _nodes)
        {
            var given = node switch
            {
                InvocationExpressionSyntax call => call.ArgumentList,
                ObjectCreationExpressionSyntax creation => creation.ArgumentList,
                ConstructorInitializerSyntax chained => chained.ArgumentList,
                _ => null,
            };
            if (
                given is not null
                && given.Arguments.Count > parameter.Ordinal
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(node).Symbol, parameter.ContainingSymbol)
            )
                Follow(given.Arguments[parameter.Ordinal].Expression, model);
        }
    }

    /// <summary>What it begins with, or what it gives back.</summary>
    private void FollowDeclaration(ISymbol symbol)
    {
        foreach (var declared in symbol.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()))
        {
            var model = _nodes.First(n => n.Node.SyntaxTree == declared.SyntaxTree).Model;
            if (declared is VariableDeclaratorSyntax { Initializer.Value: { } value })
                Follow(value, model);
            if (declared is not (MethodDeclarationSyntax or PropertyDeclarationSyntax))
                continue;
            foreach (var returned in declared.DescendantNodes().OfType<ReturnStatementSyntax>())
                Follow(returned.Expression, model);
        }
    }

    private void FollowAssignments(ISymbol symbol)
    {
        foreach (var (assignment, model) in Nodes<AssignmentExpressionSyntax>())
        {
            var left = assignment.Left is ElementAccessExpressionSyntax element ? element.Expression : assignment.Left;
            if (SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(left).Symbol, symbol))
                Follow(assignment.Right, model);
        }
    }

    private void FollowImplementations(ISymbol symbol)
    {
        if (symbol.ContainingType?.TypeKind != TypeKind.Interface)
            return;
        foreach (var (declared, model) in Nodes<ClassDeclarationSyntax>())
        {
            if (
                model.GetDeclaredSymbol(declared) is INamedTypeSymbol type
                && type.FindImplementationForInterfaceMember(symbol) is { } member
            )
                Follow(member);
        }
    }
}
