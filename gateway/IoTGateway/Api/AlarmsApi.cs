using IoTGateway.Alarms;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/alarms</c>: thresholds, what holds now, and what was.</summary>
internal static class AlarmsApi
{
    private const int ShownEvents = 200;

    public static void MapAlarms(this IEndpointRouteBuilder api)
    {
        var alarms = api.MapGroup("/alarms").WithTags("Alarms");
        alarms.MapGet("/", List).WithSummary("Alarms that hold now, newest first");
        alarms.MapGet("/rules", Rules).WithSummary("All rules");
        alarms
            .MapPost("/rules", Add)
            .Produces<AlarmRuleReport>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Add a rule: above or below a threshold, with hysteresis, or missing for a time");
        alarms
            .MapDelete("/rules/{ruleId:long}", Remove)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Remove a rule, and what it has raised");
        alarms.MapGet("/events", Events).WithSummary("The newest events, newest first");
    }

    private static Ok<ActiveAlarmReport[]> List(AlarmWatch watch) =>
        TypedResults.Ok(
            watch
                .Active()
                .Select(alarm => new ActiveAlarmReport(
                    alarm.Rule.Id,
                    alarm.Rule.Name,
                    alarm.Rule.InWords(),
                    alarm.Device,
                    alarm.SinceMs,
                    alarm.Value
                ))
                .ToArray()
        );

    private static Ok<AlarmRuleReport[]> Rules(AlarmWatch watch) =>
        TypedResults.Ok(watch.Rules.Select(AlarmRuleReport.Of).ToArray());

    private static IResult Add(AlarmRuleRequest request, AlarmWatch watch)
    {
        if (!Enum.TryParse<AlarmKind>(request.Kind, ignoreCase: true, out var kind) || !Enum.IsDefined(kind))
            return Problems.BadRequest("'kind' is above, below or missing.");
        var rule = request.ToRule(kind);
        if (rule.Error() is { } error)
            return Problems.BadRequest(error);
        return watch.Add(rule) is { } added
            ? TypedResults.Created($"/api/alarms/rules/{added.Id}", AlarmRuleReport.Of(added))
            : Problems.TooMany(
                $"There are {AlarmStore.MostRules} rules already: remove some. One without a device is for all of them."
            );
    }

    private static IResult Remove(long ruleId, AlarmWatch watch) =>
        watch.Remove(ruleId)
            ? TypedResults.NoContent()
            : Problems.NotFound($"There is no rule {ruleId}. GET /api/alarms/rules lists those there are.");

    private static Ok<AlarmMessage[]> Events(AlarmStore store) =>
        TypedResults.Ok(store.Events(ShownEvents).Select(AlarmMessage.Of).ToArray());
}

/// <summary>An alarm that holds.</summary>
/// <param name="RuleId">Which rule.</param>
/// <param name="Name">What it is called.</param>
/// <param name="What">Such as "temperature above 30".</param>
/// <param name="Device">Of which device.</param>
/// <param name="Since">Unix milliseconds.</param>
/// <param name="Value">That raised it; null for missing.</param>
internal sealed record ActiveAlarmReport(
    long RuleId,
    string Name,
    string What,
    string Device,
    long Since,
    double? Value
);

/// <summary>A rule.</summary>
internal sealed record AlarmRuleReport(
    long Id,
    string Name,
    string? Device,
    string Measurement,
    string Field,
    string Kind,
    double Threshold,
    double Hysteresis,
    int AfterSeconds
)
{
    public static AlarmRuleReport Of(AlarmRule rule) =>
        new(
            rule.Id,
            rule.Name,
            rule.Device.Length > 0 ? rule.Device : null,
            rule.Measurement,
            rule.Field,
            Words.Of(rule.Kind),
            rule.Threshold,
            rule.Hysteresis,
            rule.AfterSeconds
        );
}

/// <summary><c>POST /api/alarms/rules</c>.</summary>
internal sealed record AlarmRuleRequest(
    string? Name,
    string? Device,
    string? Measurement,
    string? Field,
    string? Kind,
    double? Threshold,
    double? Hysteresis,
    int? AfterSeconds
)
{
    public AlarmRule ToRule(AlarmKind kind)
    {
        var rule = new AlarmRule(
            0,
            Name?.Trim() ?? string.Empty,
            Device?.Trim() ?? string.Empty,
            Measurement ?? string.Empty,
            Field ?? string.Empty,
            kind,
            // Missing, it is no number: the rule says so.
            Threshold ?? (kind == AlarmKind.Missing ? 0 : double.NaN),
            Hysteresis ?? 0,
            AfterSeconds ?? 0
        );
        return rule.Name.Length > 0 ? rule : rule with { Name = rule.InWords() };
    }
}
