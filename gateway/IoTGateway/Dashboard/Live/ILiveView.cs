using System.Text.Json;

namespace IoTGateway.Dashboard.Live;

/// <summary>What one open page shows. It is asked for a frame at most twice a second, never by two at a time.</summary>
internal interface ILiveView : IDisposable
{
    /// <summary>What has changed since the last frame; null for nothing.</summary>
    ValueTask<LiveFrame?> RenderAsync(PartRenderer renderer, CancellationToken cancellationToken);

    /// <summary>Takes what the page says, such as which rows are in sight.</summary>
    void Receive(JsonElement message);
}

/// <summary>One message to a page.</summary>
/// <param name="Parts">Parts of the page by their id, as HTML.</param>
/// <param name="List">The rows in sight; null where they are as before.</param>
internal sealed record LiveFrame(IReadOnlyDictionary<string, string>? Parts, LiveList? List = null);

/// <summary>The rows of a long list that are in sight.</summary>
/// <param name="Ids">Their ids, in order.</param>
/// <param name="First">Place of the first in the whole list.</param>
/// <param name="Total">Rows of the whole list.</param>
/// <param name="Html">Those that the page does not have like this yet.</param>
internal sealed record LiveList(
    IReadOnlyList<string> Ids,
    int First,
    int Total,
    IReadOnlyDictionary<string, string> Html
);
