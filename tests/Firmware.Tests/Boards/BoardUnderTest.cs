using System.Collections.Concurrent;
using Firmware.Tests.Link;
using IoTGateway.VirtualDevice.StandIns;

namespace Firmware.Tests.Boards;

/// <summary>One boot of a board, on a thread of its own, with these files in its flash.</summary>
internal sealed class BoardUnderTest : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-board-").FullName;
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BoardUnderTest(RadioState radio, params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
            System.IO.File.WriteAllText(Path.Combine(_folder, name), text);
        Machine = new Machine(_folder, TimeProvider.System) { Serial = Lines.Enqueue };
        Machine.Radio.Switch(radio);
        new Thread(Boot) { IsBackground = true, Name = nameof(BoardUnderTest) }.Start();
    }

    public Machine Machine { get; }

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>What left Main: on a board nothing does.</summary>
    public Task<Exception?> EndedAsync() => _ended.Task.WaitAsync(TestLink.Patience + TimeSpan.FromSeconds(10));

    public async ValueTask DisposeAsync()
    {
        Machine.CutPower();
        await EndedAsync();
        await Machine.LoopsEndedAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void Boot()
    {
        Machine.Current = Machine;
        try
        {
            IoTGateway.Device.Program.Main();
            _ended.SetResult(null);
        }
        catch (Exception e)
        {
            _ended.SetResult(e);
        }
    }
}
