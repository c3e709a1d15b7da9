using System.Text.Json;
using Firmware.Tests.Device;
using Firmware.Tests.Link;
using Firmware.Tests.StandIns;
using Firmware.Tests.Wire;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Http;

/// <summary>The firmware's half of the shared bodies: it writes what a device sends, and refuses what no gateway sends.</summary>
public sealed class HttpVectorTests : IDisposable
{
    private readonly TestMachine _machine = new();

    public static TheoryData<string> Written() =>
        Names(v => v.Text("direction") == "device" && v.TryGetProperty("messages", out _) && !HasNote(v, "canonical"));

    /// <summary>An answer without messages is no broken one, and how many there may be is the gateway's business.</summary>
    public static TheoryData<string> Refused() =>
        Names(v => HasNote(v, "refused") && v.Text("name") is not ("http-empty" or "http-too-many"));

    public void Dispose() => _machine.Dispose();

    [Theory]
    [MemberData(nameof(Written))]
    public async Task A_body_is_written_as_the_vector_says(string name)
    {
        var vector = VectorFile.Bodies[name];
        byte[][] messages =
        [
            .. vector.GetProperty("messages").EnumerateArray().Select(m => Convert.FromHexString(m.GetString()!)), // hex
        ];
        await using var gateway = await TestGateway.StartAsync();
        var received = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Requests = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.SetResult(body.ToArray());
        };
        var settings = new DeviceSettings { Gateway = gateway.LinkUri.AbsoluteUri, Token = DeviceUnderTest.Token };
        var http = new HttpExchange(settings, new BenchBoard());
        http.Open();
        http.SendMessages(0, 0, messages, messages.Length);

        var bytes = await received.Task.WaitAsync(TestLink.Patience);
        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(bytes));
        http.Close();
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_broken_answer_ends_the_link_and_the_device_goes_on(string name)
    {
        await using var gateway = await TestGateway.StartAsync();
        var requests = new TestRequests(gateway);
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { Transport = VirtualTransport.LongPolling }
        );
        (await requests.NextAsync()).AnswerRaw(Convert.FromHexString(VectorFile.Bodies[name].Text("hex")));

        Assert.Single((await requests.NextAsync()).Messages);
        Assert.Equal(0, device.Device.Status.LinksOpened);
        Assert.Null(device.Device.Status.Fault);
    }

    private static bool HasNote(JsonElement vector, string name) => vector.TryGetProperty(name, out _);

    private static TheoryData<string> Names(Func<JsonElement, bool> chosen) =>
        new(VectorFile.Bodies.Where(v => chosen(v.Value)).Select(v => v.Key));
}
