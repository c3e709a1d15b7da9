using System.Globalization;
using System.Text;
using System.Text.Json;
using IoTGateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/devices/{id}/settings</c>: what a device shall apply, beside what it says it does.</summary>
internal static class SettingsApi
{
    /// <summary>The smallest board takes 4,096 bytes a message.</summary>
    private const int LongestSettings = 3_500;

    public static void MapDeviceSettings(this IEndpointRouteBuilder api)
    {
        var settings = api.MapGroup("/devices/{id}/settings").WithTags("Settings");
        settings
            .MapGet("/", Show)
            .Produces<SettingsReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Desired and reported settings, and each key in which they differ");
        settings
            .MapPut("/", PutAsync)
            .Produces<SettingsReport>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status412PreconditionFailed)
            .WithSummary(
                "Wish for settings, all of them; 'If-Match' with the ETag of GET refuses to overwrite another's wish"
            );
    }

    private static IResult Show(string id, HttpContext context, DeviceRegistry registry, SettingsStore store) =>
        registry.Find(id) is null ? Problems.UnknownDevice(id) : Answer(context, store.Find(id));

    private static async Task<IResult> PutAsync(
        string id,
        JsonElement settings,
        HttpContext context,
        DeviceRegistry registry,
        SettingsStore store,
        SettingsDelivery delivery,
        CancellationToken aborted
    )
    {
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        if (settings.ValueKind != JsonValueKind.Object)
            return Problems.BadRequest("Settings are one JSON object, such as {\"sampleIntervalMs\":5000}.");
        // Without the blanks of whoever typed it: every byte of it goes over the air.
        if (JsonText.Compact(settings) is not { } json)
            return Problems.BadRequest("A text in the settings holds half of a surrogate pair.");
        if (Encoding.UTF8.GetByteCount(json) > LongestSettings)
            return Problems.BadRequest($"The settings have more than {LongestSettings} bytes.");
        if (!TryExpected(context.Request, out var expected))
            return Problems.BadRequest("'If-Match' is the ETag of GET, such as \"3\", or *.");
        return await delivery.PutAsync(id, json, Requester.Of(context), expected, aborted) is null
            ? TypedResults.Problem(
                $"The desired settings of '{id}' are at version {store.Find(id).Desired?.Version ?? 0}, not {expected}: GET them again, and decide anew.",
                statusCode: StatusCodes.Status412PreconditionFailed
            )
            : Answer(context, store.Find(id));
    }

    private static Ok<SettingsReport> Answer(HttpContext context, DeviceSettings settings)
    {
        context.Response.Headers.ETag = $"\"{settings.Desired?.Version ?? 0}\"";
        return TypedResults.Ok(SettingsReport.Of(settings));
    }

    /// <summary>RFC 9110, section 13.1.1; a version is a strong validator. Null where any version will do.</summary>
    private static bool TryExpected(HttpRequest request, out uint? version)
    {
        version = null;
        var text = request.Headers.IfMatch.ToString();
        if (text.Length == 0 || text == "*")
            return true;
        if (!uint.TryParse(text.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var given))
            return false;
        version = given;
        return true;
    }
}

/// <summary>What a device shall apply, beside what it says it does. Times are Unix milliseconds.</summary>
/// <param name="Desired">Null while nobody has wished for anything.</param>
/// <param name="Reported">Null while the device has said nothing.</param>
/// <param name="Differ">Whether the device applies something else than is desired, or nothing yet.</param>
/// <param name="Drift">Each key in which they differ.</param>
internal sealed record SettingsReport(
    DesiredReport? Desired,
    ReportedReport? Reported,
    bool Differ,
    IReadOnlyList<SettingDrift> Drift
)
{
    public static SettingsReport Of(DeviceSettings settings)
    {
        var drift = settings.Drift();
        return new SettingsReport(DesiredReport.Of(settings), ReportedReport.Of(settings), drift.Count > 0, drift);
    }
}

/// <summary>Settings wished for.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Settings">All of them.</param>
/// <param name="Time">Since when.</param>
/// <param name="By">Who wished them.</param>
internal sealed record DesiredReport(uint Version, JsonElement Settings, long Time, string By)
{
    public static DesiredReport? Of(DeviceSettings settings) =>
        settings.Desired is { } desired
            ? new DesiredReport(desired.Version, JsonElement.Parse(desired.Json), desired.ChangedMs, desired.By)
            : null;
}

/// <summary>Settings as a device applies them.</summary>
/// <param name="Version">Of the desired settings applied; 0 for none.</param>
/// <param name="Settings">As the device said them.</param>
/// <param name="Time">When it last said something new.</param>
internal sealed record ReportedReport(uint Version, JsonElement? Settings, long Time)
{
    public static ReportedReport? Of(DeviceSettings settings) =>
        settings.Reported is { } reported
            ? new ReportedReport(reported.Version, DeviceJson.Parse(reported.Json), reported.AtMs)
            : null;
}
