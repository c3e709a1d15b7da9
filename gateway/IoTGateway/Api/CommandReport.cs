using System.Text.Json;
using IoTGateway.Commands;

namespace IoTGateway.Api;

/// <summary>A command as the API shows it.</summary>
/// <param name="Id">Its id, on the wire as well.</param>
/// <param name="Name">What to do.</param>
/// <param name="Arguments">With what; null for none.</param>
/// <param name="Status">queued, sent, succeeded, failed, refused, expired or cancelled.</param>
/// <param name="Result">What the device answered; null before its end.</param>
/// <param name="Expires">End of its time to live, Unix milliseconds.</param>
/// <param name="IdempotencyKey">As it was given; null for none.</param>
/// <param name="Changes">Every status, since when it held, and by whom; the first says who asked for the command.</param>
internal sealed record CommandReport(
    Guid Id,
    string Name,
    JsonElement? Arguments,
    string Status,
    JsonElement? Result,
    long Expires,
    string? IdempotencyKey,
    IReadOnlyList<CommandChangeReport> Changes
)
{
    public static CommandReport Of(DeviceCommand command) =>
        new(
            command.Id,
            command.Name,
            DeviceJson.Parse(command.Arguments),
            Words.Of(command.Status),
            DeviceJson.Parse(command.Result),
            command.ExpiresMs,
            command.IdempotencyKey,
            [.. command.Changes.Select(CommandChangeReport.Of)]
        );
}

/// <summary>A change of a command.</summary>
/// <param name="Status">What it became.</param>
/// <param name="Time">When, Unix milliseconds.</param>
/// <param name="By">Whoever asked for it, such as api:admin, cli:admin, dashboard:admin or mqtt; else gateway or device.</param>
internal sealed record CommandChangeReport(string Status, long Time, string By)
{
    public static CommandChangeReport Of(CommandChange change) => new(Words.Of(change.Status), change.AtMs, change.By);
}
