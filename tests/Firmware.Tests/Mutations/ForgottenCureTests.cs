using Firmware.Tests.Link;

namespace Firmware.Tests.Mutations;

/// <summary>
/// A firmware that forgets a cure fails a test: for each defect of the stock client (firmware/Device/Link/LinkCures.cs) its
/// cure is taken out of the firmware's source, and the test that must notice is run on what is left.
/// </summary>
public class ForgottenCureTests
{
    [Theory]
    [InlineData(
        "1 SendBytes masks the caller's array",
        typeof(LinkTests),
        nameof(LinkTests.After_a_reconnect_everything_without_ACK_comes_again_byte_for_byte_oldest_first),
        "Collections differ",
        "Storage/Outbox.cs",
        "byte[] copy = new byte[entry.Length];",
        "if (entry.Kept != null) return entry.Kept; byte[] copy = entry.Kept = new byte[entry.Length];",
        "Storage/OutboxEntry.cs",
        "public uint Epoch;",
        "public uint Epoch; public byte[] Kept;"
    )]
    [InlineData(
        "2 its own fragmentation corrupts",
        typeof(LinkTests),
        nameof(LinkTests.Every_row_that_was_sampled_arrives_value_by_value),
        "malformed HELLO",
        "Link/LinkCures.cs",
        "int MaxFragmentSize = int.MaxValue;",
        "int MaxFragmentSize = 16;"
    )]
    [InlineData(
        "3 a refused port throws nothing",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.A_port_where_nobody_listens_is_a_connect_that_failed),
        "it did not come true",
        "Link/WebSocketConnection.Client.cs",
        "open = _socket.State == WebSocketState.Open;",
        "open = true;"
    )]
    [InlineData(
        "4 a refusal has no status",
        typeof(OutageTests),
        nameof(OutageTests.A_refused_handshake_is_retried_and_its_reason_is_asked_and_logged),
        "Filter not matched in collection",
        "Link/WebSocketConnection.Client.cs",
        "failure = e.Message + _doctor.Ask();",
        "failure = e.Message;"
    )]
    [InlineData(
        "5 what never opened cannot be ended",
        typeof(TlsTests),
        nameof(TlsTests.A_gateway_signed_by_another_CA_is_refused_and_the_device_goes_on_trying),
        "Filter matched in collection",
        "Link/WebSocketConnection.cs",
        "abort = _opened && !_ended;",
        "abort = !_ended;"
    )]
    [InlineData(
        "6 Connect has no time limit",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.A_connect_that_never_returns_holds_up_no_sampling_and_is_a_reboot_in_the_end),
        "it did not come true",
        "Link/WebSocketConnection.cs",
        "new Thread(Connect).Start();",
        "Connect();"
    )]
    [InlineData(
        "7 Close lingers",
        typeof(LinkFaultTests),
        nameof(LinkFaultTests.Without_ACK_in_time_the_link_is_given_up_and_made_anew),
        "waited in vain in LinkFaultTests.",
        "Link/WebSocketConnection.Client.cs",
        "_socket.Abort();",
        "_socket.Close(WebSocketCloseStatus.NormalClosure, null);"
    )]
    [InlineData(
        "7 no close frame",
        typeof(LinkTests),
        nameof(LinkTests.An_orderly_stop_delivers_the_last_rows_and_says_BYE),
        "waited in vain in TestLink.NextAsync",
        "Link/GatewayLink.cs",
        "DeviceMessages.Bye(_scratch, reason, expectedBackSeconds);\n                SendScratch();",
        ""
    )]
    [InlineData(
        "8 ConnectionClosed comes twice",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.A_link_that_is_given_up_is_ended_without_a_word),
        "Filter matched in collection",
        "Link/WebSocketConnection.Client.cs",
        "Close(\"the connection closed\");",
        "if (_closed) throw new InvalidOperationException(\"closed twice\"); Close(\"the connection closed\");"
    )]
    [InlineData(
        "9 nobody notices that the other end is gone",
        typeof(LinkFaultTests),
        nameof(LinkFaultTests.Without_ACK_in_time_the_link_is_given_up_and_made_anew),
        "waited in vain in LinkFaultTests.",
        "Link/GatewayLink.Steps.cs",
        "long untilStalled = _timings.StallMs - (now - _progressMs);",
        "long untilStalled = int.MaxValue;"
    )]
    [InlineData(
        "9 no PING is ever sent",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.A_peer_that_falls_silent_is_left_though_no_row_waits_for_it),
        "waited in vain in MuteLink.",
        "Link/WebSocketConnection.cs",
        "options.KeepAliveInterval = Milliseconds(settings.Timings.KeepAliveMs);",
        ""
    )]
    [InlineData(
        "9 a PONG is waited for too long",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.A_peer_that_falls_silent_is_left_though_no_row_waits_for_it),
        "waited in vain in MuteLink.",
        "Link/WebSocketConnection.cs",
        "options.ServerTimeout = Milliseconds(settings.Timings.ServerTimeoutMs);",
        ""
    )]
    [InlineData(
        "9 the receive loop spins at the end of the stream",
        typeof(ClientDefectTests),
        nameof(ClientDefectTests.The_end_of_a_stream_that_the_client_does_not_tell_of_ends_the_link_all_the_same),
        "waited in vain in MuteGateway.",
        "Link/WebSocketConnection.cs",
        "options.KeepAliveInterval = Milliseconds(settings.Timings.KeepAliveMs);",
        ""
    )]
    [InlineData(
        "10 the send queue is unbounded",
        typeof(LinkTests),
        nameof(LinkTests.At_most_four_messages_are_sent_without_ACK),
        "Assert.False() Failure",
        "Link/GatewayLink.Send.cs",
        "_outbox.InFlight() < _window",
        "_outbox.InFlight() < int.MaxValue"
    )]
    [InlineData(
        "11 the old socket's finalizer closes the new one",
        typeof(TlsTests),
        nameof(TlsTests.After_a_reconnect_over_TLS_the_new_socket_lives),
        "ChannelClosedException",
        "Link/GatewayLink.Steps.cs",
        "nanoFramework.Runtime.Native.GC.Run(false);",
        ""
    )]
    [InlineData(
        "11 the same between requests",
        typeof(TlsTests),
        nameof(TlsTests.Requests_over_TLS_go_on_over_a_new_connection_after_the_old_one_was_closed),
        "Assert.Equal() Failure",
        "Link/HttpExchange.cs",
        "nanoFramework.Runtime.Native.GC.Run(false);",
        ""
    )]
    [InlineData(
        "11 it is collected, and its finalizer not waited for",
        typeof(TlsTests),
        nameof(TlsTests.After_a_reconnect_over_TLS_the_new_socket_lives),
        "ChannelClosedException",
        "Link/GatewayLink.Steps.cs",
        "GC.WaitForPendingFinalizers();",
        ""
    )]
    [InlineData(
        "11 the same, its finalizer not waited for between requests",
        typeof(TlsTests),
        nameof(TlsTests.Requests_over_TLS_go_on_over_a_new_connection_after_the_old_one_was_closed),
        "Assert.Equal() Failure",
        "Link/HttpExchange.cs",
        "GC.WaitForPendingFinalizers();",
        ""
    )]
    [InlineData(
        "11 no rest before the collection",
        typeof(LinkFaultTests),
        nameof(LinkFaultTests.Between_two_links_both_rests_are_taken_that_the_old_socket_needs),
        "Assert.InRange() Failure",
        "Link/GatewayLink.Steps.cs",
        "_resumeAtMs = now + _timings.RestBeforeCollectMs;",
        "_resumeAtMs = now;"
    )]
    [InlineData(
        "11 no rest behind it",
        typeof(LinkFaultTests),
        nameof(LinkFaultTests.Between_two_links_both_rests_are_taken_that_the_old_socket_needs),
        "Assert.InRange() Failure",
        "Link/GatewayLink.Steps.cs",
        "_resumeAtMs = now + (wait > _timings.RestAfterCollectMs ? wait : _timings.RestAfterCollectMs);",
        "_resumeAtMs = now + wait;"
    )]
    [InlineData(
        "12 fragments come as messages",
        typeof(LinkFaultTests),
        nameof(LinkFaultTests.A_fragmented_message_ends_the_link_and_is_counted),
        "EqualException",
        "Link/WebSocketConnection.Client.cs",
        "if (e.Frame.IsFragmented)",
        "if (e.Frame.MessageLength < 0)"
    )]
    public async Task Without_its_cure_the_defect_fails_a_test(
        string defect,
        Type test,
        string method,
        string failure,
        params string[] changes
    )
    {
        var mutant = MutatedFirmware.With([.. changes.Chunk(3).Select(c => (c[0], c[1], c[2]))]);

        var said = await mutant.FailureOfAsync(test, method);
        // A machine that is busy makes a test wait in vain for other reasons: with more patience, for this one.
        if (said?.Contains(failure, StringComparison.Ordinal) == false)
            said = await mutant.FailureOfAsync(test, method, patience: 10);
        Assert.True(said is not null, $"{defect}: {method} passes without the cure");
        // The failure that this defect causes, and not just any.
        Assert.True(said.Contains(failure, StringComparison.Ordinal), $"{defect}: {method} fails otherwise: {said}");
    }

    [Fact]
    public async Task With_all_cures_such_a_firmware_passes()
    {
        var whole = MutatedFirmware.With(
            ("Link/LinkCures.cs", "HungConnectsBeforeReboot = 3", "HungConnectsBeforeReboot = 3")
        );

        Assert.Null(
            await whole.FailureOfAsync(
                typeof(LinkTests),
                nameof(LinkTests.Every_row_that_was_sampled_arrives_value_by_value)
            )
        );
        Assert.Null(
            await whole.FailureOfAsync(
                typeof(TlsTests),
                nameof(TlsTests.After_a_reconnect_over_TLS_the_new_socket_lives)
            )
        );
        Assert.Null(
            await whole.FailureOfAsync(
                typeof(ClientDefectTests),
                nameof(ClientDefectTests.A_connect_that_never_returns_holds_up_no_sampling_and_is_a_reboot_in_the_end)
            )
        );
        foreach (
            var patient in (string[])
                [
                    nameof(ClientDefectTests.A_peer_that_falls_silent_is_left_though_no_row_waits_for_it),
                    nameof(
                        ClientDefectTests.The_end_of_a_stream_that_the_client_does_not_tell_of_ends_the_link_all_the_same
                    ),
                ]
        )
            Assert.Null(await whole.FailureOfAsync(typeof(ClientDefectTests), patient, patience: 10));
    }
}
