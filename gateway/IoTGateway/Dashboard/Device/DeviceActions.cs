using System.Text;
using System.Text.Json;
using IoTGateway.Api;
using IoTGateway.Commands;
using IoTGateway.Dashboard.Add;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Journal;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Device;

/// <summary>What a device's page can have done. Who may is decided where these are mapped.</summary>
internal static class DeviceActions
{
    /// <summary>The smallest board takes 4,096 bytes a message.</summary>
    private const int LongestSettings = 3_500;

    /// <summary>Sends a command that the device says it has; how it fares stands in the page's list.</summary>
    public static async Task<IResult> CommandAsync(
        string id,
        HttpContext http,
        DeviceReader reader,
        CommandDispatcher commands
    )
    {
        if (reader.Find(id) is not { } device)
            return Pages.UnknownDevice(id);
        var form = await http.Request.ReadFormAsync();
        var name = form["name"].ToString();
        if (reader.Forms(device).FirstOrDefault(one => one.Name == name) is not { } command)
            return Problems.BadRequest($"The device says it has no command '{name}'. Load the page again.");
        if (command.Read(form, out var problem) is not { } arguments)
            return Problems.BadRequest(problem ?? "The arguments cannot be read.");
        var order = new CommandOrder(id, name, arguments, CommandOrder.DefaultTimeToLive, null, By(http));
        // On disk, whether or not the browser still waits.
        var sent = await commands.SubmitAsync(order, CancellationToken.None);
        if (sent.Command is null)
            return Problems.BadRequest(sent.Detail);
        return Pages.IsPart(http) ? Pages.Say($"{Figures.Words(name)} is on its way.", "good") : Back(id);
    }

    /// <summary>Takes a command back, unless it is on its way already.</summary>
    public static async Task<IResult> CancelAsync(
        string id,
        Guid commandId,
        HttpContext http,
        CommandDispatcher commands
    ) =>
        await commands.CancelAsync(id, commandId, By(http), CancellationToken.None) switch
        {
            { Outcome: CancellationOutcome.Unknown } => Problems.NotFound(
                "This command is not known any more. Load the page again."
            ),
            { Outcome: CancellationOutcome.TooLate, Command: { } late } => Problems.Conflict(
                $"It is too late: the command is {Words.Of(late.Status)} already."
            ),
            { Command: { } done } => Pages.IsPart(http)
                ? Pages.Say($"{Figures.Words(done.Name)} is taken back.", "good")
                : Back(id),
            _ => Problems.Unavailable(Cancellation.UnavailableDetail),
        };

    /// <summary>Wishes for settings, all of them; not over a wish that came since the page was loaded.</summary>
    public static async Task<IResult> SettingsAsync(
        string id,
        HttpContext http,
        DeviceReader reader,
        SettingsDelivery delivery
    )
    {
        if (reader.Find(id) is null)
            return Pages.UnknownDevice(id);
        var form = await http.Request.ReadFormAsync();
        var json = JsonText.Parse(form["settings"]) is { ValueKind: JsonValueKind.Object } settings
            ? JsonText.Compact(settings)
            : null;
        if (json is null || Encoding.UTF8.GetByteCount(json) > LongestSettings)
            return Problems.BadRequest(
                $$"""Settings are one JSON object of up to {{LongestSettings}} bytes, such as {"sampleIntervalMs":5000}."""
            );
        uint? seen = uint.TryParse(form["version"], out var version) ? version : null;
        if (await delivery.PutAsync(id, json, By(http), seen, http.RequestAborted) is not { } desired)
            return Problems.Conflict(
                "Somebody has changed the settings meanwhile: load the page again, and decide anew."
            );
        return Pages.IsPart(http) ? Pages.Say($"Version {desired.Version} is wished for.", "good") : Back(id);
    }

    public static async Task<IResult> RenameAsync(string id, HttpContext http, DeviceRegistry registry)
    {
        var name = (await http.Request.ReadFormAsync())["name"].ToString().Trim();
        if (!DevicesApi.IsName(name))
            return Problems.BadRequest(DevicesApi.NameRule);
        return await registry.RenameAsync(id, name, http.RequestAborted) ? Back(id) : Pages.UnknownDevice(id);
    }

    public static async Task<IResult> RotateAsync(
        string id,
        HttpContext http,
        DeviceRegistry registry,
        IServer server
    ) =>
        await registry.RotateAsync(id, http.RequestAborted) is { } token
            ? AddEndpoints.ShowToken(http, server, id, token, isNew: false)
            : Pages.UnknownDevice(id);

    public static async Task<IResult> EnableAsync(string id, DeviceRegistry registry, CancellationToken aborted) =>
        await registry.SetDisabledAsync(id, disabled: false, aborted) ? Back(id) : Pages.UnknownDevice(id);

    public static async Task<IResult> DisableAsync(string id, DeviceRegistry registry, CancellationToken aborted) =>
        await registry.SetDisabledAsync(id, disabled: true, aborted) ? Back(id) : Pages.UnknownDevice(id);

    public static async Task<IResult> RemoveAsync(
        string id,
        DeviceRegistry registry,
        DeviceStatuses statuses,
        CommandDispatcher commands,
        TelemetryJournal journal,
        CancellationToken aborted
    )
    {
        var answer = await DevicesApi.RemoveAsync(id, registry, statuses, commands, journal, aborted);
        return answer is NoContent ? TypedResults.LocalRedirect("/") : answer;
    }

    private static string By(HttpContext http) => $"dashboard:{http.User.Identity?.Name}";

    private static RedirectHttpResult Back(string id) => TypedResults.LocalRedirect($"/devices/{id}");
}
