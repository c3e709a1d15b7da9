using System.CommandLine;
using IoTGateway.Bench.Connections;
using IoTGateway.Bench.Dashboard;
using IoTGateway.Bench.Grow;
using IoTGateway.Bench.History;
using IoTGateway.Bench.Influx;
using IoTGateway.Bench.Ingest;
using IoTGateway.Bench.Journal;
using IoTGateway.Bench.Latency;
using IoTGateway.Bench.Transports;
using IoTGateway.Bench.Wire;

namespace IoTGateway.Bench;

/// <summary>dotnet run --project tests/Bench -c Release -- VERB; each verb is a file here.</summary>
internal static class Program
{
    public static Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Measures the gateway. Every number in the documentation came from here.")
        {
            WireVerb.Create(),
            CommandsVerb.Create(),
            IngestVerb.Create(),
            ConnectionsVerb.Create(),
            FloorServer.CreateVerb(),
            EpollServer.CreateVerb(),
            LatencyVerb.Create(),
            StartVerb.Create(),
            JournalVerb.Create(),
            InfluxVerb.Create(),
            HistoryVerb.Create(),
            GrowVerb.Create(),
            DashboardVerb.Create(),
            TransportsVerb.Create(),
        };
        return root.Parse(arguments).InvokeAsync();
    }
}
