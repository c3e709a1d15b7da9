using System.Net;
using System.Net.Sockets;
using System.Text;
using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Link;

namespace Firmware.Tests.Http;

/// <summary>What a request costs a board beyond the messages that it carries.</summary>
public class HttpCostTests(ITestOutputHelper output)
{
    private const string Answer =
        "HTTP/1.1 200 OK\r\nDate: Sun, 29 Nov 2026 00:00:00 GMT\r\nContent-Type: application/vnd.iotgw.v1\r\n"
        + "Content-Length: 22\r\n\r\n0123456789012345678901";

    [Fact]
    public async Task A_request_and_its_answer_allocate_nothing()
    {
        using var machine = new TestMachine();
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = Task.Run(() => Serve(server));
        var gateway = $"ws://127.0.0.1:{((IPEndPoint)server.LocalEndpoint).Port}/v1/link";
        var settings = new DeviceSettings { Gateway = gateway, Token = DeviceUnderTestToken };
        var http = new HttpExchange(settings, new BenchBoard());
        http.Open();
        byte[][] messages = [new byte[40], new byte[300]];
        var buffer = new byte[64];
        Exchange(http, messages, buffer, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(http, messages, buffer, 1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        http.Close();
        var requestBytes = await serving / 1200.0;
        output.WriteLine($"{requestBytes} bytes a request, of which 343 are messages");

        Assert.Equal(0, allocated);
        Assert.InRange(requestBytes, 343, 343 + 250);
    }

    private const string DeviceUnderTestToken = Link.DeviceUnderTest.Token;

    private static void Exchange(HttpExchange http, byte[][] messages, byte[] buffer, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(http.IsUsable);
            http.SendMessages(25, 0, messages, messages.Length);
            http.ReadHead(5000);
            var read = 0;
            for (var part = http.Read(buffer, 0, 64); part > 0; part = http.Read(buffer, 0, 64))
                read += part;
            if (read != 22 || !http.IsMessages)
                Assert.Fail($"{read} bytes were read");
        }
    }

    /// <summary>Answers each request; how many bytes came.</summary>
    private static long Serve(TcpListener server)
    {
        using var client = server.AcceptSocket();
        var answer = Encoding.ASCII.GetBytes(Answer);
        var buffer = new byte[8192];
        long bytes = 0;
        var request = 0;
        while (client.Receive(buffer.AsSpan(request)) is > 0 and var read)
        {
            bytes += read;
            request += read;
            var head = buffer.AsSpan(0, request).IndexOf("\r\n\r\n"u8);
            if (head < 0 || request < head + 4 + 343)
                continue;
            client.Send(answer);
            request = 0;
        }

        return bytes;
    }
}
