using System.CommandLine;

namespace IoTGateway.Cli;

internal static class DemoVerb
{
    public static Command Create() => new("demo");
}
