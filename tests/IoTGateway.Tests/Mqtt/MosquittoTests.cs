using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Mqtt;
using IoTGateway.Mqtt.Packets;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

/// <summary>What needs a mosquitto of its own: its settings, its end, its other clients.</summary>
public sealed class MosquittoTests
{
    [Fact]
    public async Task A_will_is_published_and_retained_when_the_client_ends_without_a_word()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var options = new MqttOptions
        {
            Brokers = [Party.Broker(mosquitto.Url)],
            ClientId = "mortal",
            Will = new MqttWill("mortal/status", "offline"u8.ToArray(), MqttQos.AtLeastOnce, Retain: true),
        };
        await using var watcher = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: "watcher"));
        await watcher.SubscribeAsync("mortal/status");
        using (var mortal = new TcpClient())
        {
            await mortal.ConnectAsync("127.0.0.1", mosquitto.Port, Patience.Token());
            var writer = new PacketWriter();
            Connect.Write(writer, MqttVersion.V5, options.ClientId, true, options);
            await mortal.GetStream().WriteAsync(writer.Written, Patience.Token());
            // Not a read that blocks: this may run on the thread that serves all sockets, its own among them.
            var connAck = new byte[1];
            await mortal.GetStream().ReadExactlyAsync(connAck, Patience.Token());
            Assert.Equal(0x20, connAck[0]);
        }
        await watcher.ReceivedAsync(1);
        Assert.Equal("offline", watcher.Texts.First());
        await using var later = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: "later"));
        await later.SubscribeAsync("mortal/status");
        await later.ReceivedAsync(1);
        Assert.True(later.Messages.First().IsRetained);
    }

    [Fact]
    public async Task An_orderly_end_publishes_no_will()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        var options = new MqttOptions
        {
            Brokers = [Party.Broker(mosquitto.Url)],
            ClientId = "polite",
            Will = new MqttWill("status", "offline"u8.ToArray(), MqttQos.AtLeastOnce, Retain: false),
        };
        await using var watcher = await Party.ConnectAsync(Party.Options(mosquitto.Url, clientId: "watcher"));
        await watcher.SubscribeAsync("status");
        await using (var polite = await Party.ConnectAsync(options))
            await polite.PublishAsync("status", "last word");
        await watcher.PublishAsync("status", "after");
        await watcher.ReceivedAsync(2);
        Assert.Equal(["last word", "after"], watcher.Texts);
    }

    [Fact]
    public async Task User_and_password_open_and_a_wrong_one_is_told_in_words()
    {
        var passwords = Path.GetTempFileName();
        await RunAsync("/usr/bin/mosquitto_passwd", "-b", "-c", passwords, "gateway", "secret");
        await using var mosquitto = await MosquittoServer.StartAsync(
            $"password_file {passwords}",
            "allow_anonymous false"
        );
        await using var right = await Party.ConnectAsync(With("right", "secret"));
        Assert.True((await right.PublishAsync("a", "1")).IsGood);
        await using var wrong = Party.Start(With("wrong", "guess"));
        await Patience.UntilAsync(() => wrong.Client.Status.Problem?.Contains("not authorized") == true, "a refusal");
        Assert.DoesNotContain("guess", wrong.Client.Status.Problem);
        File.Delete(passwords);

        MqttOptions With(string client, string password) =>
            new()
            {
                Brokers = [Party.Broker(mosquitto.Url)],
                ClientId = client,
                User = "gateway",
                Password = password,
                LongestBackoff = TimeSpan.FromMilliseconds(100),
            };
    }

    [Fact]
    public async Task TLS_trusts_the_given_authority_and_nobody_else()
    {
        using var folder = new TemporaryFolder();
        CertificateAuthority.Ensure(folder.Path, TimeProvider.System.GetUtcNow());
        var (certificate, key) = (folder.File("server.pem"), folder.File("server.key"));
        CertificateAuthority.Issue(folder.Path, certificate, key, [], TimeProvider.System.GetUtcNow());
        await using var mosquitto = await MosquittoServer.StartAsync($"certfile {certificate}", $"keyfile {key}");
        var url = mosquitto.Url.Replace("mqtt://", "mqtts://", StringComparison.Ordinal);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(folder.File(CertificateAuthority.CertificateFile));

        await using var trusting = await Party.ConnectAsync(With(authorities));
        await trusting.SubscribeAsync("a");
        Assert.True((await trusting.PublishAsync("a", new string('x', 100_000))).IsGood);
        await trusting.ReceivedAsync(1);

        await using var wary = Party.Start(With(null));
        await Patience.UntilAsync(() => wary.Client.Status.Problem?.Contains("TLS failed") == true, "a refusal");

        MqttOptions With(X509Certificate2Collection? trusted) =>
            new()
            {
                Brokers = [Party.Broker(url)],
                ClientId = trusted is null ? "wary" : "trusting",
                TrustedAuthorities = trusted,
            };
    }

    /// <summary>
    /// Mosquitto hands a message to its subscribers before it acknowledges, but only to those that are there: so each kill
    /// waits until the reader has what was acknowledged by then. It reads with QoS 0: a reader that sends nothing reads to the
    /// last byte that the broker wrote. The orderly end at the beginning puts its session on disk.
    /// </summary>
    [Theory]
    [InlineData(MqttVersion.V5)]
    [InlineData(MqttVersion.V311)]
    public async Task A_broker_killed_in_the_middle_loses_no_publish(MqttVersion version)
    {
        await using var mosquitto = await MosquittoServer.StartAsync(
            "max_inflight_messages 0",
            "max_queued_messages 0",
            "queue_qos0_messages true"
        );
        await using var writer = await Party.ConnectAsync(Party.Options(mosquitto.Url, version));
        await using var reader = await Party.ConnectAsync(
            new MqttOptions
            {
                Brokers = [Party.Broker(mosquitto.Url)],
                ClientId = "reader",
                Version = version,
                FirstBackoff = TimeSpan.FromMilliseconds(5),
                LongestBackoff = TimeSpan.FromMilliseconds(20),
                MostWaiting = 10_000,
            }
        );
        await reader.SubscribeAsync("a", MqttQos.AtMostOnce);
        await mosquitto.StopAsync();
        await mosquitto.ResumeAsync();
        var receipts = new List<Task<MqttReceipt>>();
        // What the broker said it had, and died with on the way to the reader: its loss, and not the writer's.
        var died = new HashSet<string>();
        for (var kill = 1; kill <= 3; kill++)
        {
            await writer.ConnectedAsync(kill + 1);
            await reader.ConnectedAsync(kill + 1);
            Publish(200);
            var acknowledged = Acknowledged().ToHashSet();
            await Patience.UntilAsync(() => acknowledged.IsSubsetOf(Come()), "what was acknowledged at the reader");
            await mosquitto.KillAsync();
            // Both have heard what it said last.
            await Patience.UntilAsync(() => !IsConnected(writer) && !IsConnected(reader), "its end at both");
            died.UnionWith(Acknowledged().Except(reader.Texts));
            Publish(200);
            await mosquitto.ResumeAsync();
        }
        Assert.All(await Task.WhenAll(receipts), receipt => Assert.True(receipt.IsGood, receipt.Reason));
        var numbers = Enumerable.Range(0, receipts.Count).Select(n => $"{n}").ToHashSet();
        await Patience.UntilAsync(() => numbers.IsSubsetOf(Come()), "every number at the reader");
        Assert.Superset(numbers, Come());
        Assert.Subset(numbers, reader.Texts.ToHashSet());

        IEnumerable<string> Acknowledged() =>
            receipts
                .Select((receipt, n) => (receipt, n))
                .Where(one => one.receipt.IsCompleted)
                .Select(one => $"{one.n}");

        HashSet<string> Come() => [.. reader.Texts, .. died];

        bool IsConnected(Party party) => party.Client.Status.State == MqttState.Connected;

        void Publish(int count)
        {
            for (var n = 0; n < count; n++)
                receipts.Add(writer.PublishAsync("a", $"{receipts.Count}"));
        }
    }

    [Fact]
    public async Task The_brokers_receive_maximum_and_largest_packet_are_kept()
    {
        await using var mosquitto = await MosquittoServer.StartAsync("max_inflight_messages 3", "max_packet_size 1000");
        await using var party = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        var receipts = Enumerable.Range(0, 500).Select(n => party.PublishAsync("a", $"{n}")).ToArray();
        Assert.All(await Task.WhenAll(receipts), receipt => Assert.True(receipt.IsGood, receipt.Reason));
        Assert.Equal(MqttOutcome.TooLarge, (await party.PublishAsync("a", new string('x', 1000))).Outcome);
        Assert.Equal(1, party.Connections);
    }

    [Fact]
    public async Task When_a_broker_goes_the_next_of_the_list_takes_over_and_back()
    {
        await using var one = await MosquittoServer.StartAsync();
        await using var two = await MosquittoServer.StartAsync();
        await using var party = await Party.ConnectAsync(Party.Options($"{one.Url},{two.Url}"));
        await party.SubscribeAsync("a");
        await one.KillAsync();
        await party.ConnectedAsync(2);
        Assert.Equal(two.Url, party.Client.Status.Broker?.ToString());
        Assert.True((await party.PublishAsync("a", "hello")).IsGood);
        await party.ReceivedAsync(1);
        await one.ResumeAsync();
        await two.KillAsync();
        await party.ConnectedAsync(3);
        Assert.Equal(one.Url, party.Client.Status.Broker?.ToString());
    }

    [Fact]
    public async Task Properties_that_another_client_gives_a_message_do_no_harm()
    {
        await using var mosquitto = await MosquittoServer.StartAsync();
        await using var party = await Party.ConnectAsync(Party.Options(mosquitto.Url));
        await party.SubscribeAsync("to/us");
        string[] properties =
        [
            .. Property("content-type", "text/plain"),
            .. Property("message-expiry-interval", "60"),
            .. Property("user-property", "a", "b"),
        ];
        await RunAsync(
            "/usr/bin/mosquitto_pub",
            ["-p", $"{mosquitto.Port}", "-V", "5", "-q", "1", "-t", "to/us", "-m", "hello", .. properties]
        );
        await party.ReceivedAsync(1);
        Assert.Equal("hello", party.Texts.First());

        static string[] Property(params string[] words) => ["-D", "publish", .. words];
    }

    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        );
        Assert.NotNull(process);
        var output = await process.StandardOutput.ReadToEndAsync(Patience.Token());
        var errors = await process.StandardError.ReadToEndAsync(Patience.Token());
        await process.WaitForExitAsync(Patience.Token());
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("iotgw-mqtt-").FullName;

        public string File(string name) => System.IO.Path.Combine(Path, name);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
