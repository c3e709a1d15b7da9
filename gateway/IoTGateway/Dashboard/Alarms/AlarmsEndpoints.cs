using System.Globalization;
using IoTGateway.Alarms;
using IoTGateway.Api;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Sinks.Mqtt;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Alarms;

/// <summary><c>/alarms</c>: what holds, the rules, and what happened.</summary>
internal static class AlarmsEndpoints
{
    public static void MapAlarmsPage(this IEndpointRouteBuilder pages)
    {
        pages.MapGet(
            "/alarms",
            (HttpContext http, AlarmReader reader, AlarmOptions options) => Show(http, reader, options, null)
        );
        pages.MapGet(
            "/live/alarms",
            (HttpContext http, LiveViews views, AlarmReader reader) =>
                views.RunAsync(http, () => new AlarmsView(reader))
        );
        pages.MapPost("/alarms/rules", AddAsync);
        pages.MapPost(
            "/alarms/rules/{ruleId:long}/remove",
            (long ruleId, AlarmWatch watch) =>
            {
                watch.Remove(ruleId);
                return TypedResults.LocalRedirect("/alarms");
            }
        );
    }

    private static async Task<IResult> AddAsync(
        HttpContext http,
        AlarmReader reader,
        AlarmWatch watch,
        AlarmOptions options
    )
    {
        var form = await http.Request.ReadFormAsync();
        if (!Enum.TryParse<AlarmKind>(form["kind"], ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            return Show(http, reader, options, "Choose when the alarm is raised.");
        var what = form["what"].ToString();
        var slash = what.LastIndexOf('/');
        var limit = Number(form["limit"]);
        var request = new AlarmRuleRequest(
            form["name"],
            form["device"],
            slash > 0 ? what[..slash] : null,
            slash > 0 ? what[(slash + 1)..] : null,
            form["kind"],
            limit,
            Number(form["hysteresis"]) ?? 0,
            kind == AlarmKind.Missing ? (int)Math.Clamp(limit ?? 0, 0, int.MaxValue) : 0
        );
        var rule = request.ToRule(kind);
        if (rule.Error() is { } error)
            return Show(http, reader, options, error);
        return watch.Add(rule) is null
            ? Show(http, reader, options, $"There are {AlarmStore.MostRules} rules already: remove some.")
            : TypedResults.LocalRedirect("/alarms");
    }

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static IResult Show(HttpContext http, AlarmReader reader, AlarmOptions options, string? problem)
    {
        var (devices, fields) = reader.Known();
        return Pages.Show<AlarmsPage>(
            http,
            (nameof(AlarmsPage.Active), reader.Active()),
            (nameof(AlarmsPage.Rules), reader.Rules()),
            (nameof(AlarmsPage.Events), reader.Events()),
            (nameof(AlarmsPage.Devices), devices),
            (nameof(AlarmsPage.Fields), fields),
            (nameof(AlarmsPage.Webhook), HostOf(options.Webhook)),
            (nameof(AlarmsPage.Topic), TopicOf(http)),
            (nameof(AlarmsPage.Problem), problem)
        );
    }

    private static string? TopicOf(HttpContext http) =>
        http.RequestServices.GetService<MqttConnection>() is { } broker
            ? $"{broker.Topics.Prefix}/<device>/alarms/<rule>"
            : null;

    /// <summary>Only the host: an address may carry a secret.</summary>
    private static string? HostOf(string? webhook) => string.IsNullOrEmpty(webhook) ? null : new Uri(webhook).Host;
}
