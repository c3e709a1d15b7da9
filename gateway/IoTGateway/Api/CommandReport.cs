using System.Text.Json;
using IoTGateway.Commands;

namespace IoTGateway.Api;

/// <summary>A command as the API shows it.</summary>
/// <param name="Id">Its id, on the wire as well.</param>
/// <param name="Name">What to do.</param>
/// <param name="Status">queued, sent, succeeded, failed, refused, expired or cancelled.</param>
/// <param name="Result">What the device answered; null before its end.</param>
/// <param name="Expires">End of its time to live, Unix milliseconds.</param>
/// <param name="Changes">Every status and since when it held.</param>
internal sealed record CommandReport(
    Guid Id,
    string Name,
    string Status,
    JsonElement? Result,
    long Expires,
    IReadOnlyList<CommandChangeReport> Changes
)
{
    public static CommandReport Of(DeviceCommand command) =>
        new(
            command.Id,
            command.Name,
            Words.Of(command.Status),
            DeviceJson.Parse(command.Result),
            command.ExpiresMs,
            [.. command.Changes.Select(change => new CommandChangeReport(Words.Of(change.Status), change.AtMs))]
        );
}

/// <summary>A status and since when it held, in Unix milliseconds.</summary>
internal sealed record CommandChangeReport(string Status, long Time);
