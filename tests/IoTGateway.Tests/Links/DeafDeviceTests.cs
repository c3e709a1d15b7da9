using System.IO.Pipelines;
using IoTGateway.Links;
using IoTGateway.Links.Frames;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>A device that sends and takes nothing: what is to be said to it waits, and not for ever.</summary>
public sealed class DeafDeviceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_whose_device_takes_nothing_for_ten_seconds_is_cut()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var deaf = await DeafLink.OpenAsync(gateway);
        var now = TimeProvider.System.GetTimestamp();
        deaf.Link.Beat(now);
        deaf.Link.Beat(now + Seconds(9));
        Assert.False(deaf.IsCut);
        deaf.Link.Beat(now + Seconds(10));
        Assert.True(deaf.IsCut);
        await deaf.Running.WaitAsync(Patience.Long, Cancel);
        Assert.Equal(1, await gateway.EndedAsync("cut"));
    }

    [Fact]
    public async Task A_link_whose_device_takes_something_now_and_then_is_not_cut()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var deaf = await DeafLink.OpenAsync(gateway);
        var now = TimeProvider.System.GetTimestamp();
        deaf.Link.Beat(now);
        // WELCOME at last, and then the answer to a ping.
        await deaf.TakeAsync();
        await deaf.PingAsync();
        await deaf.TakeAsync();
        deaf.Link.Beat(now + Seconds(11));
        Assert.False(deaf.IsCut);
    }

    /// <summary>A newer link of the device has its place: no beat looks at it any more.</summary>
    [Fact]
    public async Task A_link_that_is_told_to_go_and_takes_nothing_is_cut_after_ten_seconds()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var deaf = await DeafLink.OpenAsync(gateway);
        var began = TimeProvider.System.GetTimestamp();
        deaf.Link.Close(LinkEnd.Replaced);
        await deaf.Running.WaitAsync(Patience.Long, Cancel);
        Assert.True(deaf.IsCut);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 9, 20);
    }

    [Fact]
    public async Task A_token_taken_back_cuts_a_link_that_goes_already()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var deaf = await DeafLink.OpenAsync(gateway);
        var began = TimeProvider.System.GetTimestamp();
        deaf.Link.Close(LinkEnd.Replaced);
        deaf.Link.Close(LinkEnd.Revoked);
        await deaf.Running.WaitAsync(Patience.Long, Cancel);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 8);
    }

    private static long Seconds(double seconds) => (long)(seconds * TimeProvider.System.TimestampFrequency);

    /// <summary>A link that was said HELLO to, and whose answer nobody takes.</summary>
    private sealed class DeafLink : IDuplexPipe, IAsyncDisposable
    {
        private readonly Pipe _said = new();
        private readonly Pipe _answers = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        private int _cuts;

        private DeafLink(TestGateway gateway)
        {
            Link = new WebSocketLink(
                "pump",
                new UpgradedConnection(this, Cut),
                IotgwDialect.Name,
                gateway.Get<LinkServices>()
            );
            Running = Link.RunAsync(() => true, CancellationToken.None);
        }

        public WebSocketLink Link { get; }

        public Task Running { get; }

        public bool IsCut => Volatile.Read(ref _cuts) > 0;

        public PipeReader Input => _said.Reader;

        public PipeWriter Output => _answers.Writer;

        public static async Task<DeafLink> OpenAsync(TestGateway gateway)
        {
            await gateway.AddDeviceAsync("pump");
            Assert.True(gateway.Get<LinkTable>().TryEnter("pump"));
            var deaf = new DeafLink(gateway);
            await deaf._said.Writer.WriteAsync(
                RawFrame.Message(House.Bytes(House.Hello(1).Write)).ToBytes(),
                TestContext.Current.CancellationToken
            );
            // WELCOME is written, and not taken.
            var welcome = await deaf._answers.Reader.ReadAsync(TestContext.Current.CancellationToken);
            deaf._answers.Reader.AdvanceTo(welcome.Buffer.Start);
            return deaf;
        }

        public async Task PingAsync() =>
            await _said.Writer.WriteAsync(
                new RawFrame(true, RawFrame.Ping, [1]).ToBytes(),
                TestContext.Current.CancellationToken
            );

        public async Task TakeAsync()
        {
            var taken = await _answers.Reader.ReadAsync(TestContext.Current.CancellationToken);
            _answers.Reader.AdvanceTo(taken.Buffer.End);
        }

        public async ValueTask DisposeAsync()
        {
            Cut();
            await Running;
            Link.Dispose();
        }

        private void Cut()
        {
            Interlocked.Increment(ref _cuts);
            _said.Writer.Complete(new IOException("Cut."));
            _answers.Reader.Complete();
        }
    }
}
