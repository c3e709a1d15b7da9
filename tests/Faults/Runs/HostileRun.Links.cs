using System.Diagnostics;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>Links that are wrong from the first byte on, or never come to an end of it.</summary>
internal sealed partial class HostileRun
{
    /// <summary>Between two bytes of a slow peer.</summary>
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(80);

    private async Task BadFramesAsync()
    {
        var token = await gateway.AddDeviceAsync("bad-frames");
        var (hello, senml) = (Counter.Hello(1), "[{\"n\":\"x\",\"v\":1}]"u8.ToArray());
        await ClosesAsync(1002, token, "iotgw.v1", HostilePeer.Frame(2, hello, masked: false));
        await ClosesAsync(1003, token, "iotgw.v1", HostilePeer.Frame(1, senml));
        await ClosesAsync(1003, token, "senml.json", HostilePeer.Frame(2, hello));
        await ClosesAsync(1007, token, "senml.json", HostilePeer.Frame(1, [0x5B, 0xC3, 0x28, 0x5D]));
        await ClosesAsync(1009, token, "iotgw.v1", HostilePeer.Frame(2, new byte[20_000]));
        await ClosesAsync(1002, token, "iotgw.v1", [0x83, 0x80, 0, 0, 0, 0]);
        await ClosesAsync(4400, token, "iotgw.v1", HostilePeer.Frame(2, [0x7F]));
        // A hundred bytes are announced, and none comes: like any peer without HELLO.
        await ClosesAsync(4408, token, "iotgw.v1", [0x82, 0x80 | 100, 0, 0, 0, 0]);
        // 2^63 bytes are announced, which nobody reserves, and none comes: it is over the limit all the same.
        await ClosesAsync(1009, token, "iotgw.v1", [0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]);
    }

    private async Task ClosesAsync(int code, string token, string subprotocol, byte[] bytes)
    {
        await using var peer = await HostilePeer.LinkAsync(gateway.HttpPort, token, subprotocol);
        await peer.SendAsync(bytes);
        var got = await peer.CloseCodeAsync(Patience);
        Assert.True(
            got == code,
            $"{Convert.ToHexString(bytes.AsSpan(0, Math.Min(8, bytes.Length)))}… on {subprotocol} was closed with {got}, not {code}."
        );
    }

    /// <summary>
    /// Handshakes and messages that come a byte at a time. All of a handshake takes twenty seconds so: longer than a request
    /// is given for its head, and less than the platform would give it by itself.
    /// </summary>
    private async Task SlowLorisAsync()
    {
        var tokens = new List<string>();
        for (var i = 0; i < 50; i++)
            tokens.Add(await gateway.AddDeviceAsync($"loris-{i}"));
        var began = Stopwatch.StartNew();
        await Task.WhenAll(
            tokens.Select((token, i) => i % 2 == 0 ? SlowHandshakeAsync(token) : SlowMessageAsync(token))
        );
        run.Say($"the last slow peer was gone after {began.Elapsed.TotalSeconds:F1} s");
    }

    private async Task SlowHandshakeAsync(string token)
    {
        await using var peer = await HostilePeer.ConnectAsync(gateway.HttpPort);
        await DribbleAsync(peer, System.Text.Encoding.ASCII.GetBytes(HostilePeer.Handshake(token)));
    }

    private async Task SlowMessageAsync(string token)
    {
        await using var peer = await HostilePeer.LinkAsync(gateway.HttpPort, token);
        await DribbleAsync(peer, HostilePeer.Frame(2, new byte[10_000]));
    }

    /// <summary>Fails where the peer comes to its last byte: it has to be cut before.</summary>
    private static async Task DribbleAsync(HostilePeer peer, byte[] bytes)
    {
        var gone = peer.UntilGoneAsync(Patience);
        var sent = 0;
        while (sent < bytes.Length && !gone.IsCompleted)
        {
            try
            {
                await peer.SendAsync(bytes.AsMemory(sent, 1));
            }
            catch (IOException)
            {
                break;
            }
            sent++;
            await Task.WhenAny(gone, Await.PassAsync(Drip));
        }
        Assert.True(sent < bytes.Length, $"A slow peer was listened to for all of its {bytes.Length} bytes.");
        await gone;
    }
}
