using System.CommandLine;

namespace IoTGateway.Bench.Grow;

/// <summary><c>grow</c>: whether a reading costs the same among many devices, and behind a long history.</summary>
internal static class GrowVerb
{
    public static Command Create()
    {
        var devices = new Option<int[]>("--devices")
        {
            Description = "Devices that share the rate; one or more, or 0 for none",
            DefaultValueFactory = _ => [10, 100, 1_000, 10_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var rate = Report.Number("--rate", "Messages a second over all devices", 4_000);
        var seconds = Report.Number("--seconds", "How long each load lasts, after a warm-up", 10);
        var months = new Option<int[]>("--months")
        {
            Description = "Months of the house that the history holds; one or more, or 0 for none",
            DefaultValueFactory = _ => [1, 10, 70],
            AllowMultipleArgumentsPerToken = true,
        };
        var houses = Report.Number("--houses", "Devices in the history, each with the rows of the whole house", 100);
        var data = HouseData.PathOption();
        var json = Report.JsonOption();
        var verb = new Command("grow", "CPU a reading and memory, as devices and as the history grow")
        {
            devices,
            rate,
            seconds,
            months,
            houses,
            data,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    new GrowSettings(
                        [.. result.GetRequiredValue(devices).Where(some => some > 0)],
                        result.GetRequiredValue(rate),
                        result.GetRequiredValue(seconds),
                        [.. result.GetRequiredValue(months).Where(some => some > 0)],
                        result.GetRequiredValue(houses)
                    ),
                    result.GetRequiredValue(data),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(GrowSettings settings, FileInfo data, FileInfo? json)
    {
        var house = settings.Months.Length == 0 ? null : HouseData.TryLoad(data);
        if (house is null && settings.Months.Length > 0)
            return 2;
        var report = Report.Begin(
            "grow",
            settings,
            $"{settings.Rate:N0} messages/s over all devices, {settings.Seconds} s each, ws, history on; the history: {settings.Houses} devices, each with the whole house"
        );
        if (settings.Devices.Length > 0)
            report.Add("devices", await DeviceGrowth.PrintAsync(report, settings));
        if (house is not null)
            report.Add("history", await HistoryGrowth.PrintAsync(report, house, settings));
        await report.SaveAsync(json);
        return 0;
    }
}

/// <summary>What <c>grow</c> was asked for.</summary>
internal sealed record GrowSettings(int[] Devices, int Rate, int Seconds, int[] Months, int Houses);
