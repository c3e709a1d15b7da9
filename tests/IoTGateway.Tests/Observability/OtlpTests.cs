using IoTGateway.Journal;
using IoTGateway.Observability;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace IoTGateway.Tests.Observability;

/// <summary>Metrics and traces as a collector gets them. One class, so that its tests run one after the other.</summary>
public sealed class OtlpTests
{
    [Fact]
    public async Task A_message_is_a_trace_from_the_device_over_the_journal_to_each_database()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await TestGateway.StartAsync(
            $"--Otlp:Endpoint={collector.Url}",
            "--Otlp:SampleRatio=1",
            "--Otlp:Headers=x-token=secret",
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}"
        );
        var token = await gateway.AddDeviceAsync("traced");
        await using (var link = await LinkClient.OpenAsync(gateway, token))
        {
            await link.SendAsync(House.Telemetry(7, 1, House.Noon, 20.5));
            await link.AcknowledgedAsync(7, 1);
        }
        await Patience.UntilAsync(
            () => gateway.Get<SinkHost>().Reports.All(report => report.Batches > 0),
            "both sinks have it"
        );
        await gateway.StopAsync();

        var message = Assert.Single(collector.Spans, span => span.Tags.GetValueOrDefault("iotgw.device") == "traced");
        Assert.Equal(
            ("telemetry", "", "7", "1"),
            (message.Name, message.Parent, message.Tags["iotgw.epoch"], message.Tags["iotgw.sequence"])
        );
        var parts = collector.Spans.Where(span => span.Parent == message.Id).ToDictionary(span => span.Name);
        Assert.Equal(["journal", "store history", "store influx"], parts.Keys.Order(StringComparer.Ordinal));
        Assert.All(parts.Values, part => Assert.Equal(message.Trace, part.Trace));
        Assert.All(parts.Values, part => Assert.True(part.EndNanos >= part.StartNanos));
        // The receipt goes out when the journal has it; the databases come after.
        Assert.True(parts["journal"].EndNanos <= message.EndNanos);
        Assert.Contains("secret", collector.Tokens);
    }

    [Fact]
    public async Task A_command_is_a_trace_from_the_wish_to_its_outcome()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        // As every OpenTelemetry program is told; no message is sampled, commands are all the same.
        await using var gateway = await TestGateway.StartAsync(
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Url}/",
            "--Otlp:SampleRatio=0"
        );
        await using (var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("lamp")))
        {
            await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
            await link.AcknowledgedAsync(1, 1);
            await RunAsync(gateway, link, CommandOutcome.Succeeded);
            await RunAsync(gateway, link, CommandOutcome.Failed);
        }
        await gateway.StopAsync();

        var commands = collector
            .Spans.Where(span => span.Tags.GetValueOrDefault("iotgw.device") == "lamp")
            .OrderBy(span => span.StartNanos)
            .ToArray();
        Assert.Equal(["command light", "command light"], commands.Select(span => span.Name));
        Assert.Equal(["succeeded", "failed"], commands.Select(span => span.Tags["iotgw.command.status"]));
        Assert.Equal([false, true], commands.Select(span => span.IsError));
        var steps = collector
            .Spans.Where(span => span.Parent == commands[0].Id)
            .OrderBy(span => span.StartNanos)
            .ToArray();
        Assert.Equal(["queued", "sent"], steps.Select(span => span.Name));
        Assert.Equal(commands[0].StartNanos, steps[0].StartNanos);
        // The platform makes a span that takes no millisecond one tick long.
        Assert.Equal(Math.Max(commands[0].EndNanos, steps[1].StartNanos + 100), steps[1].EndNanos);
    }

    [Fact]
    public async Task The_metrics_are_those_of_the_metrics_page()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var gateway = await TestGateway.StartAsync($"--Otlp:Endpoint={collector.Url}");
        // A histogram without a measurement is sent by nobody: a message and a command are measured.
        await using (var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("lamp")))
        {
            await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
            await link.AcknowledgedAsync(1, 1);
            await RunAsync(gateway, link, CommandOutcome.Succeeded);
        }
        var page = await gateway.Client.GetStringAsync("/metrics");
        await gateway.StopAsync();
        var types = page.Split('\n')
            .Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .ToLookup(line => line.Split(' ')[3], line => line.Split(' ')[2]);
        Assert.Equal(["counter", "gauge", "histogram"], types.Select(type => type.Key).Order(StringComparer.Ordinal));
        Assert.Empty(types.SelectMany(names => names).Except(collector.Metrics));
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_made_and_a_message_costs_no_byte()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.DoesNotContain(gateway.Services.GetServices<IHostedService>(), service => service is OtlpExport);
        var entry = new JournalEntry("roof", 0, 0, 0, 1, 1);
        Assert.Null(Tracing.Begin(entry, 100));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Tracing.Begin(entry, 100);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("--Otlp:Endpoint=collector:4318", "Otlp:Endpoint is 'collector:4318'")]
    [InlineData("--Otlp:SampleRatio=2", "Otlp:SampleRatio is 2: allowed is 0 to 1")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string setting, string error)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(() => TestGateway.StartAsync(setting));
        Assert.Contains(error, wrong.Message, StringComparison.Ordinal);
    }

    private static async Task RunAsync(TestGateway gateway, LinkClient link, CommandOutcome outcome)
    {
        var asking = CommandCalls.PostAsync(gateway, "lamp", """{"name":"light"}""", wait: 10);
        var message = await link.ReceiveAsync();
        Assert.True(Command.TryRead(message, out var command, out var error), error.ToString());
        await link.SendAsync(new CommandResult(command.Id, outcome, "{}").Write);
        Assert.Equal(200, (await asking).Status);
    }
}
