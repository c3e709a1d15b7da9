using System.Collections.Concurrent;
using IoTGateway.Mqtt;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Mqtt;

/// <summary>The client against bytes that a broker sends only in bad moments.</summary>
public sealed class ClientTests : IDisposable
{
    private const string Accepted = "2003000000";
    private const string AcceptedWithSession = "2003010000";

    private readonly RawBroker _broker = new();

    public void Dispose() => _broker.Dispose();

    private MqttOptions Options => Party.Options(_broker.Url);

    [Fact]
    public async Task A_subscription_that_is_refused_when_it_is_asked_for_again_is_heard_and_asked_for_on_every_connection()
    {
        await using var party = Party.Start(Party.Options(_broker.Url));
        var answers = new ConcurrentQueue<(string Filter, MqttReceipt Receipt)>();
        party.Client.SubscriptionAnswered += (filter, receipt) => answers.Enqueue((filter, receipt));
        await _broker.AcceptAsync(Accepted);
        var subscribed = party.SubscribeAsync("x");
        await _broker.ReadAsync();
        await _broker.SendAsync("9004ea610001");
        Assert.True((await subscribed).IsGood);

        await _broker.AcceptAsync(Accepted);
        Assert.Equal("8207ea6100000178" + "01", await _broker.ReadHexAsync());
        await _broker.SendAsync("9004ea610087");
        await Patience.UntilAsync(() => answers.Count == 2, "the second answer");
        var (filter, receipt) = answers.Last();
        Assert.Equal(("x", MqttOutcome.Refused), (filter, receipt.Outcome));
        Assert.Contains("not authorized", receipt.Reason, StringComparison.Ordinal);

        // The broker still knows the session, but nothing of what it has refused.
        await _broker.AcceptAsync(AcceptedWithSession);
        Assert.Equal("8207ea6100000178" + "01", await _broker.ReadHexAsync());
    }

    [Fact]
    public async Task A_3_1_1_session_that_shall_not_be_kept_is_clean()
    {
        var options = new MqttOptions
        {
            Brokers = [Party.Broker(_broker.Url)],
            ClientId = "c",
            Version = MqttVersion.V311,
            KeepsSessionIn311 = false,
        };
        await using var party = Party.Start(options);
        var connect = await _broker.AcceptAsync("20020000");
        Assert.Equal(0x02, connect[9]); // §3.1.2.3: the flags, clean session alone
    }

    [Fact]
    public async Task What_was_not_acknowledged_comes_again_in_order_as_a_duplicate_with_its_identifier()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        var receipts = new[]
        {
            party.PublishAsync("a", "1"),
            party.PublishAsync("a", "2"),
            party.PublishAsync("a", "3"),
        };
        Assert.Equal("3207000161000100" + "31", await _broker.ReadHexAsync());
        Assert.Equal("3207000161000200" + "32", await _broker.ReadHexAsync());
        Assert.Equal("3207000161000300" + "33", await _broker.ReadHexAsync());
        await _broker.SendAsync("40020002");
        Assert.Equal(MqttOutcome.Acknowledged, (await receipts[1]).Outcome);

        await _broker.AcceptAsync(AcceptedWithSession);
        Assert.Equal("3a07000161000100" + "31", await _broker.ReadHexAsync());
        Assert.Equal("3a07000161000300" + "33", await _broker.ReadHexAsync());
        Assert.False(receipts[0].IsCompleted);
        await _broker.SendAsync("40020001 40020003");
        await Task.WhenAll(receipts);
        Assert.Equal(0, party.Client.Unacknowledged);
    }

    [Fact]
    public async Task A_broker_that_has_lost_the_session_gets_it_as_new_and_is_asked_again_for_subscriptions()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        var subscribed = party.SubscribeAsync("x");
        Assert.Equal("8207ea6100000178" + "01", await _broker.ReadHexAsync());
        await _broker.SendAsync("9004ea610001");
        Assert.True((await subscribed).IsGood);
        var receipt = party.PublishAsync("a", "1");
        await _broker.ReadAsync();

        await _broker.AcceptAsync(Accepted);
        Assert.Equal("8207ea6100000178" + "01", await _broker.ReadHexAsync());
        Assert.Equal("3207000161000100" + "31", await _broker.ReadHexAsync());
        await _broker.SendAsync("40020001");
        Assert.True((await receipt).IsGood);
    }

    [Fact]
    public async Task No_more_publishes_are_under_way_than_the_server_allows()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync("2006000003210002"); // receive maximum 2
        var receipts = Enumerable.Range(1, 4).Select(n => party.PublishAsync("a", $"{n}")).ToArray();
        await _broker.ReadAsync();
        await _broker.ReadAsync();
        // Its PINGREQ would come if it had more to say: a round trip by a subscription proves that it has not.
        var subscribed = party.SubscribeAsync("x");
        Assert.StartsWith("82", await _broker.ReadHexAsync(), StringComparison.Ordinal);
        await _broker.SendAsync("9004ea610001");
        await subscribed;
        Assert.False(_broker.HasMore);
        await _broker.SendAsync("40020001");
        Assert.Equal("3207000161000300" + "33", await _broker.ReadHexAsync());
        await _broker.SendAsync("40020002 40020003");
        Assert.Equal("3207000161000400" + "34", await _broker.ReadHexAsync());
        await _broker.SendAsync("40020004");
        await Task.WhenAll(receipts);
    }

    [Fact]
    public async Task What_is_larger_than_the_server_takes_is_never_sent_and_says_why()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync("200800000527" + "00000010"); // maximum packet size 16
        await party.ConnectedAsync();
        var receipt = await party.PublishAsync("a", "0123456789");
        Assert.Equal(MqttOutcome.TooLarge, receipt.Outcome);
        Assert.Contains("18 bytes, the broker takes at most 16", receipt.Reason, StringComparison.Ordinal);
        var small = party.PublishAsync("a", "1");
        Assert.Equal("3207000161000200" + "31", await _broker.ReadHexAsync());
        await _broker.SendAsync("40020002");
        Assert.True((await small).IsGood);
    }

    [Fact]
    public async Task A_server_without_QoS_1_and_without_retain_is_told_neither()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync("2007000004" + "2400" + "2500");
        await party.ConnectedAsync();
        Assert.Equal(MqttOutcome.Refused, (await party.PublishAsync("a", "1")).Outcome);
        Assert.Equal(MqttOutcome.Sent, (await party.PublishAsync("a", "2", MqttQos.AtMostOnce, retain: true)).Outcome);
        Assert.Equal("30050001610032", await _broker.ReadHexAsync());
    }

    [Theory]
    [InlineData("87", MqttOutcome.Refused, "not authorized (0x87)")]
    [InlineData("97", MqttOutcome.Refused, "quota exceeded (0x97)")]
    [InlineData("90", MqttOutcome.Invalid, "topic name invalid (0x90)")]
    [InlineData("10", MqttOutcome.Acknowledged, null)]
    public async Task A_PUBACK_with_a_reason_says_it_in_words(string code, MqttOutcome outcome, string? reason)
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        var receipt = party.PublishAsync("a", "1");
        await _broker.ReadAsync();
        await _broker.SendAsync("40030001" + code);
        Assert.Equal(new MqttReceipt(outcome, reason), await receipt);
    }

    [Fact]
    public async Task A_missing_PINGRESP_ends_the_connection()
    {
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            ClientId = "c",
            KeepAlive = TimeSpan.FromMilliseconds(100),
        };
        await using var party = Party.Start(options);
        await _broker.AcceptAsync(Accepted);
        Assert.Equal("c000", await _broker.ReadHexAsync());
        await _broker.SendAsync("d000");
        Assert.Equal("c000", await _broker.ReadHexAsync());
        Assert.Empty(await _broker.ReadAsync());
        await Patience.UntilAsync(() => party.Statuses.Any(Complains), "the complaint");

        static bool Complains(MqttStatus status) =>
            status.Problem?.Contains("has not answered a PINGREQ", StringComparison.Ordinal) == true;
    }

    [Fact]
    public async Task The_servers_keep_alive_goes_before_the_clients()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync("2006000003130001"); // 1 s instead of 30
        Assert.Equal("c000", await _broker.ReadHexAsync());
    }

    [Fact]
    public async Task A_servers_DISCONNECT_is_told_in_words_and_the_client_comes_back()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync("e0018e");
        await _broker.AcceptAsync(Accepted);
        Assert.Contains(
            party.Statuses,
            status => status.Problem?.Contains("session taken over", StringComparison.Ordinal) == true
        );
    }

    [Fact]
    public async Task A_server_that_refers_elsewhere_is_left_for_the_next()
    {
        using var other = new RawBroker();
        await using var party = Party.Start(Party.Options($"{_broker.Url},{other.Url}"));
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync("e0019c");
        await other.AcceptAsync(Accepted);
    }

    [Fact]
    public async Task A_refusal_is_told_in_words_and_the_next_broker_is_asked_at_once()
    {
        using var other = new RawBroker();
        await using var party = Party.Start(Party.Options($"{_broker.Url},{other.Url}"));
        await _broker.AcceptAsync("2003008600");
        await other.AcceptAsync(Accepted);
        await party.ConnectedAsync();
        Assert.Contains(
            party.Statuses,
            status => status.Problem?.EndsWith("bad user name or password (0x86)", StringComparison.Ordinal) == true
        );
        Assert.Equal(other.Url, party.Client.Status.Broker?.ToString());
    }

    [Theory]
    [InlineData("36050001610000", "95", "81")] // QoS 3
    [InlineData("f000", "", "82")] // AUTH, out of place
    [InlineData("30ffffff7f", "", "95")] // too large
    [InlineData("308080808001", "", "81")] // no length
    public async Task Bytes_that_are_no_packet_end_the_connection_with_a_reason(string bytes, string more, string code)
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync(bytes + more);
        Assert.Equal("e001" + code, await _broker.ReadHexAsync());
        await _broker.AcceptAsync(Accepted);
    }

    [Fact]
    public async Task Something_else_at_the_address_is_named()
    {
        await using var party = Party.Start(Options);
        await _broker.AcceptAsync(
            Convert.ToHexString(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n"u8
            )
        );
        await Patience.UntilAsync(
            () => party.Statuses.Any(status => status.Problem?.Contains("is this an MQTT broker?") == true),
            "the question"
        );
    }

    [Fact]
    public async Task A_client_without_a_name_takes_the_one_that_the_server_gives()
    {
        await using var party = Party.Start(Party.Options(_broker.Url, clientId: ""));
        var connect = await _broker.AcceptAsync("2009000006" + "120003" + "616263");
        Assert.Equal(2, connect[9] & 2); // clean start
        await party.ConnectedAsync();
        _broker.Close();
        connect = await _broker.AcceptAsync(Accepted);
        Assert.Equal("abc", System.Text.Encoding.UTF8.GetString(connect[^3..]));
        Assert.Equal(0, connect[9] & 2);
    }

    [Fact]
    public async Task A_server_that_sends_more_than_the_receive_maximum_is_left()
    {
        var never = new TaskCompletionSource();
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            ClientId = "c",
            ReceiveMaximum = 2,
            FirstBackoff = TimeSpan.FromMilliseconds(10),
        };
        await using var party = Party.Start(options, async (_, stop) => await never.Task.WaitAsync(stop));
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync("3206000161000100 3206000161000200 3206000161000300");
        Assert.Equal("e00193", await _broker.ReadHexAsync());
    }

    [Fact]
    public async Task A_handler_may_acknowledge_before_its_end_and_that_is_said_once()
    {
        var end = new TaskCompletionSource();
        await using var party = Party.Start(
            Options,
            async (message, stop) =>
            {
                message.Acknowledge();
                if (message.PacketId == 1)
                    await end.Task.WaitAsync(stop);
            }
        );
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync("3206000161000100 3206000161000200");
        Assert.Equal("40020001", await _broker.ReadHexAsync());
        Assert.False(_broker.HasMore);
        end.SetResult();
        Assert.Equal("40020002", await _broker.ReadHexAsync());
    }

    [Fact]
    public async Task Messages_of_QoS_0_that_find_no_room_are_counted()
    {
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            ClientId = "c",
            MostWaiting = 2,
        };
        var never = new TaskCompletionSource();
        var handled = new TaskCompletionSource();
        await using var party = Party.Start(
            options,
            async (_, stop) =>
            {
                handled.TrySetResult();
                await never.Task.WaitAsync(stop);
            }
        );
        await _broker.AcceptAsync(Accepted);
        await _broker.SendAsync("300400016100");
        await handled.Task.WaitAsync(Patience.Long);
        for (var n = 0; n < 5; n++)
            await _broker.SendAsync("300400016100");
        await Patience.UntilAsync(() => party.Client.DroppedMessages == 3, "three without room");
    }

    [Fact]
    public async Task Publishes_are_bounded_and_who_is_over_waits_its_turn()
    {
        var options = new MqttOptions
        {
            Brokers = Options.Brokers,
            ClientId = "c",
            MostUnacknowledged = 3,
        };
        await using var party = Party.Start(options);
        await _broker.AcceptAsync(Accepted);
        var receipts = Enumerable.Range(1, 6).Select(n => party.PublishAsync("a", $"{n}")).ToArray();
        for (var n = 1; n <= 6; n++)
        {
            Assert.True(party.Client.Unacknowledged <= 3);
            Assert.Equal($"320700016100{n:x2}003{n}", await _broker.ReadHexAsync());
            await _broker.SendAsync($"400200{n:x2}");
        }
        Assert.All(await Task.WhenAll(receipts), receipt => Assert.True(receipt.IsGood));
    }

    [Fact]
    public async Task An_end_says_goodbye_and_leaves_nobody_waiting()
    {
        var party = Party.Start(Options);
        await _broker.AcceptAsync(Accepted);
        var receipt = party.PublishAsync("a", "1");
        var subscribed = party.SubscribeAsync("x");
        await _broker.ReadAsync();
        await _broker.ReadAsync();
        await party.DisposeAsync();
        Assert.Equal("e000", await _broker.ReadHexAsync());
        Assert.Equal(MqttOutcome.NotConnected, (await receipt).Outcome);
        Assert.Equal(MqttOutcome.NotConnected, (await subscribed).Outcome);
    }

    [Fact]
    public async Task QoS_0_without_a_connection_is_not_kept()
    {
        await using var party = Party.Start(Options);
        Assert.Equal(MqttOutcome.NotConnected, (await party.PublishAsync("a", "1", MqttQos.AtMostOnce)).Outcome);
    }

    [Theory]
    [InlineData("a/+")]
    [InlineData("#")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_topic_that_is_none_is_the_callers_error(string topic)
    {
        await using var party = Party.Start(Options);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => party.PublishAsync(topic, "1"));
    }
}
