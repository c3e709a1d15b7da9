using System.CommandLine;

namespace IoTGateway.Bench;

/// <summary>dotnet run --project tests/Bench -c Release -- VERB; each verb is a file here.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        var root = new RootCommand("Measures the gateway. Every number in the documentation came from here.")
        {
            WireVerb.Create(),
        };
        return root.Parse(arguments).Invoke();
    }
}
