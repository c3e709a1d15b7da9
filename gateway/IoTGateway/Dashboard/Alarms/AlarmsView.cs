using System.Text.Json;
using IoTGateway.Dashboard.Live;

namespace IoTGateway.Dashboard.Alarms;

/// <summary>One open page of alarms.</summary>
internal sealed class AlarmsView(AlarmReader reader) : ILiveView
{
    private readonly SentParts _sent = new();

    public async ValueTask<LiveFrame?> RenderAsync(PartRenderer renderer, CancellationToken cancellationToken)
    {
        _sent.Add("active", await renderer.RenderAsync<ActivePart>(("Alarms", reader.Active())));
        _sent.Add("events", await renderer.RenderAsync<EventsPart>(("Events", reader.Events())));
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
