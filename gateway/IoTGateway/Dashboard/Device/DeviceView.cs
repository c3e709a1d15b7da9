using System.Text.Json;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;

namespace IoTGateway.Dashboard.Device;

/// <summary>One open page of a device.</summary>
internal sealed class DeviceView(string device, DeviceCharts charts, DeviceReader reader, Visit visit) : ILiveView
{
    /// <summary>Every how many frames what is asked of a database, and changes seldom, is looked at.</summary>
    private const int SlowEvery = 4;

    private readonly SentParts _sent = new();
    private int _frame;

    public async ValueTask<LiveFrame?> RenderAsync(PartRenderer renderer, CancellationToken cancellationToken)
    {
        _sent.Add(
            "charts",
            await renderer.RenderAsync<ChartsPart>(("Device", device), ("Charts", charts.Read(cancellationToken)))
        );
        _sent.Add(
            "commands",
            await renderer.RenderAsync<CommandList>(
                ("Visit", visit),
                ("Device", device),
                ("Commands", reader.Commands(device))
            )
        );
        _sent.Add("settings", await renderer.RenderAsync<SettingsPart>(("Settings", reader.Settings(device))));
        _sent.Add("links", await renderer.RenderAsync<LinksPart>(("Changes", reader.Links(device))));
        if (reader.Facts(device) is { } facts)
            _sent.Add("facts", await renderer.RenderAsync<FactsPart>(("Facts", facts)));
        if (_frame++ % SlowEvery == 0)
        {
            _sent.Add("log", await renderer.RenderAsync<LogPart>(("Lines", reader.Log(device))));
            _sent.Add(
                "command-forms",
                await renderer.RenderAsync<CommandForms>(
                    ("Visit", visit),
                    ("Device", device),
                    ("Commands", reader.Forms(device))
                )
            );
        }
        return _sent.Take() is { } parts ? new LiveFrame(parts) : null;
    }

    public void Receive(JsonElement message)
    {
        // This page has nothing to say.
    }

    public void Dispose() => charts.Dispose();
}
