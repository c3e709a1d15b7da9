using System.CommandLine;

namespace IoTGateway.Faults;

/// <summary><c>dotnet run --project tests/Faults -c Release -- VERB</c>; without a verb, the tests.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments)
    {
        var root = Verbs.Create();
        return arguments is [{ } first, ..] && IsVerb(root, first)
            ? root.Parse(arguments).InvokeAsync()
            : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(arguments);
    }

    private static bool IsVerb(RootCommand root, string first) =>
        first is "--help" or "-h" || root.Subcommands.Any(verb => verb.Name == first);
}
