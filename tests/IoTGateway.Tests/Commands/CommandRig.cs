using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Links;
using IoTGateway.Tests.Gateway;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Commands;

/// <summary>The dispatcher on a real <c>control.db</c> and a clock that a test moves; "roof" is registered and away.</summary>
internal sealed class CommandRig : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-commands-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private CommandRig() => Dispatcher = Create();

    public FakeTimeProvider Time { get; } = new();

    public CommandDispatcher Dispatcher { get; private set; }

    public static async Task<CommandRig> StartAsync()
    {
        var rig = new CommandRig();
        await new DeviceRegistry(new ControlDatabase(rig._folder), rig.Time).AddAsync(
            "roof",
            null,
            TestContext.Current.CancellationToken
        );
        await rig.Dispatcher.StartAsync(Patience.Token());
        return rig;
    }

    /// <summary>The database itself, for what goes wrong with it.</summary>
    public void Execute(string sql)
    {
        using var connection = new ControlDatabase(_folder).Open();
        connection.Execute(sql);
    }

    /// <summary>As after a restart of the gateway.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Dispatcher = Create();
        await Dispatcher.StartAsync(Patience.Token());
        await DecidedAsync();
    }

    public async Task StopAsync()
    {
        await Dispatcher.StopAsync(Patience.Token());
        Dispatcher.Dispose();
    }

    public async Task<DeviceCommand> SubmitAsync(int seconds)
    {
        var order = new CommandOrder("roof", "light", "", TimeSpan.FromSeconds(seconds), null, "test");
        var submission = await Dispatcher.SubmitAsync(order, Patience.Token());
        return submission.Command ?? throw new InvalidOperationException(submission.Detail);
    }

    /// <summary>Its status, once all that was asked before has been decided.</summary>
    public async Task<CommandStatus> StatusAsync(DeviceCommand command)
    {
        await DecidedAsync();
        return Dispatcher.Find("roof", command.Id)!.Status; // it was submitted
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A round of its own: nothing of this name is there to be taken back.</summary>
    private async Task DecidedAsync() => await Dispatcher.CancelAsync("roof", Guid.Empty, "test", Patience.Token());

    private CommandDispatcher Create()
    {
        var database = new ControlDatabase(_folder);
        var limits = new LimitsOptions();
        var metrics = new GatewayMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        return new CommandDispatcher(
            database,
            new LinkTable(limits, new ReturnSpread(limits), new DeviceRegistry(database, Time), metrics),
            limits,
            new CommandOptions(),
            new CrashPoints(new DiagnosticsOptions()),
            Time,
            metrics,
            NullLogger<CommandDispatcher>.Instance
        );
    }
}
