using IoTGateway.Mqtt.Packets;
using IoTGateway.Protocol;

namespace IoTGateway.Fuzz;

/// <summary>dotnet run --project tests/Fuzz -c Release -- [mqtt] [--count N] [--seed S]</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        var isMqtt = arguments is ["mqtt", ..];
        if (!TryParse(isMqtt ? arguments[1..] : arguments, out var count, out var seed))
        {
            Console.Error.WriteLine("Usage: Fuzz [mqtt] [--count N] [--seed S], both whole numbers and N at least 1.");
            return 2;
        }
        return isMqtt ? RunMqtt(count, seed) : RunLink(count, seed);
    }

    private static int RunLink(long count, int seed)
    {
        var report = FuzzRun.Run(count, seed);
        Print(report);
        if (report.Failure is null)
            return 0;
        Console.Error.WriteLine($"The decoder threw with --count {count} --seed {seed} on this message:");
        Console.Error.WriteLine(report.Failure);
        Console.Error.WriteLine(
            "Add the message to tests/vectors/iotgw-v1.json with what it should be, then mend the decoder."
        );
        return 1;
    }

    private static int RunMqtt(long count, int seed)
    {
        var report = MqttFuzz.Run(count, seed);
        foreach (var error in Enum.GetValues<PacketError>())
            Console.WriteLine($"{error, -16}{report.Counts[(int)error], 14:N0}");
        var seconds = Math.Max(report.Elapsed.TotalSeconds, 1e-3);
        Console.WriteLine($"{count:N0} packets in {seconds:F1} s: {count / seconds:N0}/s");
        if (report.Failure is null)
            return 0;
        Console.Error.WriteLine($"The MQTT decoder threw with mqtt --count {count} --seed {seed} on this packet:");
        Console.Error.WriteLine(report.Failure);
        Console.Error.WriteLine("Add it to PacketTests with what it should be, then mend the decoder.");
        return 1;
    }

    private static bool TryParse(string[] arguments, out long count, out int seed)
    {
        (count, seed) = (10_000_000, Random.Shared.Next());
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : string.Empty;
            var ok = arguments[i] switch
            {
                "--count" => long.TryParse(value, out count) && count > 0,
                "--seed" => int.TryParse(value, out seed),
                _ => false,
            };
            if (!ok)
                return false;
        }
        Console.WriteLine($"count {count} seed {seed}");
        return true;
    }

    private static void Print(FuzzReport report)
    {
        foreach (var error in Enum.GetValues<DecodeError>())
            Console.WriteLine($"{error, -16}{report.Counts[(int)error], 14:N0}");
        var messages = report.Counts.Sum();
        var seconds = Math.Max(report.Elapsed.TotalSeconds, 1e-3);
        Console.WriteLine(
            $"{messages:N0} messages in {seconds:F1} s: {messages / seconds:N0}/s, {report.Bytes / seconds / 1e6:F0} MB/s"
        );
    }
}
