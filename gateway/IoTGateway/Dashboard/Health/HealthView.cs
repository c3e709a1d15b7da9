using System.Text.Json;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;

namespace IoTGateway.Dashboard.Health;

/// <summary>One open page of health.</summary>
internal sealed class HealthView(HealthReader reader, RateMeter rates, Visit visit) : ILiveView
{
    private readonly SentParts _sent = new();

    public async ValueTask<LiveFrame?> RenderAsync(PartRenderer renderer, CancellationToken cancellationToken)
    {
        _sent.Add("troubles", await renderer.RenderAsync<TroublesPart>(("Troubles", reader.Troubles())));
        _sent.Add("figures", await renderer.RenderAsync<FiguresPart>(("Data", reader.Figures(rates))));
        _sent.Add("sinks", await renderer.RenderAsync<SinksPart>(("Sinks", reader.Sinks())));
        _sent.Add("refusals", await renderer.RenderAsync<RefusalsPart>(("Refusals", reader.Refusals())));
        _sent.Add("rejected", await renderer.RenderAsync<RejectedPart>(("Visit", visit), ("Sinks", reader.Rejected())));
        return _sent.Take() is { } parts ? new LiveFrame(parts) : null;
    }

    public void Receive(JsonElement message)
    {
        // This page has nothing to say.
    }

    public void Dispose()
    {
        // It holds nothing.
    }
}
