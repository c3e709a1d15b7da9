using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>PROTOCOL.md, "Opening handshake": the table, row by row, over ws and wss.</summary>
public sealed class HandshakeTests
{
    private sealed record Row(
        string Reason,
        int Status,
        string? Header,
        string? Value,
        Func<RawRequest, RawRequest> Spoil
    );

    /// <summary>In the order of the checks.</summary>
    private static readonly Row[] Table =
    [
        new("method", 405, "Allow", "GET", ask => ask with { Method = "POST" }),
        new("upgrade", 426, "Upgrade", "websocket", ask => ask.With("Upgrade", "h2c")),
        new("version", 426, "Sec-WebSocket-Version", "13", ask => ask.With("Sec-WebSocket-Version", "8")),
        new("key", 400, null, null, ask => ask.With("Sec-WebSocket-Key", "c2hvcnQ=")),
        new("origin", 403, null, null, ask => ask.Plus("Origin", "https://elsewhere.example")),
        new("subprotocol", 400, null, null, ask => ask.With("Sec-WebSocket-Protocol", "mqtt, chat")),
        new("credentials", 401, "WWW-Authenticate", "Bearer", ask => ask.With("Authorization", "Bearer roof.wrong")),
    ];

    public static TheoryData<int, bool> Rows()
    {
        var rows = new TheoryData<int, bool>();
        for (var row = 0; row < Table.Length; row++)
        {
            rows.Add(row, false);
            rows.Add(row, true);
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_wrong_handshake_gets_its_status_its_header_a_detail_and_a_count(int index, bool tls)
    {
        var row = Table[index];
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var connection = await RawConnection.OpenAsync(gateway, tls);
        var response = await connection.AskAsync(row.Spoil(RawRequest.Link(token)));
        Assert.Equal(row.Status, response.Status);
        if (row.Header is { } header)
            Assert.Equal(row.Value, response[header]);
        Assert.NotEmpty(response.Problem.GetProperty("detail").GetString() ?? "");
        Assert.Equal(1, await gateway.RefusedAsync(row.Reason));
        Assert.Equal(0, await gateway.MetricAsync("iotgw_links_opened_total"));
    }

    [Fact]
    public async Task A_handshake_wrong_in_two_ways_gets_the_answer_of_the_earlier_check()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        for (var earlier = 0; earlier < Table.Length; earlier++)
        {
            for (var later = earlier + 1; later < Table.Length; later++)
            {
                await using var connection = await RawConnection.OpenAsync(gateway);
                var request = Table[earlier].Spoil(Table[later].Spoil(RawRequest.Link(token)));
                var response = await connection.AskAsync(request);
                Assert.Equal(Table[earlier].Status, response.Status);
                Assert.Equal(
                    Table[earlier].Reason,
                    response.Problem.GetProperty("reason").GetString()!.ToLowerInvariant()
                );
            }
        }
    }

    [Theory]
    [InlineData("Upgrade", null)]
    [InlineData("Connection", "keep-alive")]
    [InlineData("Sec-WebSocket-Version", null)]
    public async Task A_missing_upgrade_or_version_is_426(string header, string? value)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = RawRequest.Link(await gateway.AddDeviceAsync("roof")).Without(header);
        await using var connection = await RawConnection.OpenAsync(gateway);
        var response = await connection.AskAsync(value is null ? request : request.With(header, value));
        Assert.Equal(426, response.Status);
        Assert.Equal(header == "Sec-WebSocket-Version" ? "13" : null, response["Sec-WebSocket-Version"]);
    }

    [Fact]
    public async Task A_missing_repeated_or_long_key_is_400()
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = RawRequest.Link(await gateway.AddDeviceAsync("roof"));
        RawRequest[] wrong =
        [
            request.Without("Sec-WebSocket-Key"),
            request.Plus("Sec-WebSocket-Key", RawRequest.Key),
            request.With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZSE="),
            request.With("Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!=="),
        ];
        foreach (var ask in wrong)
        {
            await using var connection = await RawConnection.OpenAsync(gateway);
            Assert.Equal(400, (await connection.AskAsync(ask)).Status);
        }
        Assert.Equal(wrong.Length, await gateway.RefusedAsync("key"));
    }
}
