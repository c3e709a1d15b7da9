using System.Diagnostics;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Sinks;

/// <summary>A process that is none of ours and keeps a SQLite file to itself, until it is disposed.</summary>
internal sealed class OtherProgram : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Script =
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        + "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()";

    private readonly Process _process;

    public OtherProgram(string path)
    {
        ServerProcess.Require(Python, "python3");
        var start = new ProcessStartInfo(Python, ["-c", Script, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Python} does not start.");
        Assert.Equal("held", _process.StandardOutput.ReadLine());
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
