using System.Globalization;
using System.Text;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Bench.Wire;

/// <summary>A way to send rows, and what it costs.</summary>
/// <param name="Way">Its name.</param>
/// <param name="RowsPerMessage">Rows of every sensor in one message.</param>
/// <param name="BytesPerReading">From the device; null where a message becomes too large for the gateway.</param>
/// <param name="WithReceipts">The answers that tell the device that the rows have come are counted too.</param>
internal sealed record PeerCost(string Way, int RowsPerMessage, double? BytesPerReading, double? WithReceipts);

/// <summary>
/// The rows of the house in the ways that a device could send them instead, each as short as its rules let it be, with what
/// each message costs around them. TLS and TCP come on top, for all the same.
/// </summary>
internal static class WirePeers
{
    /// <summary>A secret of the usual length.</summary>
    private static readonly string Secret = new('s', 43);

    /// <summary>Header of a frame of the gateway, and an ACK.</summary>
    private const int AckBytes = 2 + 9;

    /// <summary>Header of a frame of the broker, and a PUBACK (MQTT 3.1.1, section 3.4).</summary>
    private const int PubackBytes = 2 + 4;

    /// <summary>A 204 with the Date and Server of Kestrel.</summary>
    private const int HttpAnswerBytes = 81;

    public static readonly IReadOnlyList<string> Ways =
    [
        "iotgw.v1",
        "SenML JSON over WebSocket",
        "JSON over MQTT over WebSocket",
        "JSON over HTTP",
    ];

    /// <summary>All of the data in messages of so many rows.</summary>
    public static PeerCost Measure(string way, HouseData data, Catalog layout, int rowsPerMessage)
    {
        long up = 0,
            receipts = 0;
        var number = 0;
        if (way == Ways[0])
        {
            var cost = WireSize.Measure(data, layout, rowsPerMessage);
            (up, receipts) = (cost.Bytes, cost.Messages * AckBytes);
        }
        else
        {
            for (var from = 0; from < data.Times.Length; from += rowsPerMessage)
            {
                var rows = Math.Min(rowsPerMessage, data.Times.Length - from);
                if (Message(way, data, from, rows, ++number) is not { } bytes)
                    return new PeerCost(way, rowsPerMessage, null, null);
                up += bytes.Up;
                receipts += bytes.Receipt;
            }
        }
        var readings = (double)data.Times.Length * data.Columns.Length;
        return new PeerCost(way, rowsPerMessage, up / readings, (up + receipts) / readings);
    }

    /// <summary>A SenML pack (RFC 8428) with absolute times: one base time, and each row counted from it.</summary>
    public static string Senml(HouseData data, int from, int rows)
    {
        var text = new StringBuilder("[");
        for (var row = from; row < from + rows; row++)
        for (var column = 0; column < data.Columns.Length; column++)
        {
            var parts = data.Columns[column].Split('_');
            text.Append(text.Length > 1 ? ",{" : "{");
            if (text.Length == 2)
                text.Append(CultureInfo.InvariantCulture, $"\"bt\":{data.Times[from] / 1000},");
            text.Append(
                CultureInfo.InvariantCulture,
                $"\"n\":\"{parts[0]}/{parts[1]}\",\"u\":\"{WireSize.Unit(parts[2])}\",\"v\":{data.Hundredths[column][row] / 100m:0.##}"
            );
            if (row > from)
                text.Append(CultureInfo.InvariantCulture, $",\"t\":{(data.Times[row] - data.Times[from]) / 1000}");
            text.Append('}');
        }
        return text.Append(']').ToString();
    }

    /// <summary>What people write by hand: the first row's time, the step, and the values column by column.</summary>
    public static string Json(HouseData data, int from, int rows)
    {
        var step = rows > 1 ? data.Times[from + 1] - data.Times[from] : 0;
        var columns = data.Columns.Select(
            (name, column) =>
                $"\"{name}\":[{string.Join(',', data.Hundredths[column].Skip(from).Take(rows).Select(value => (value / 100m).ToString("0.##", CultureInfo.InvariantCulture)))}]"
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"time\":{data.Times[from]},\"step\":{step},{string.Join(',', columns)}}}"
        );
    }

    private static (int Up, int Receipt)? Message(string way, HouseData data, int from, int rows, int number)
    {
        if (way == Ways[1])
        {
            var pack = Senml(data, from, rows).Length;
            return pack > ProtocolLimits.MessageBytes
                ? null
                : (WireSize.Header(pack) + pack, 2 + $"{{\"ack\":{number}}}".Length);
        }
        var json = Json(data, from, rows).Length;
        return way == Ways[2] ? (Mqtt(json), PubackBytes) : (HttpHeader(json).Length + json, HttpAnswerBytes);
    }

    /// <summary>
    /// A PUBLISH of QoS 1 (MQTT 3.1.1, section 3.3) in a frame: QoS 0 has no receipt, and so is not the same promise.
    /// </summary>
    private static int Mqtt(int json)
    {
        const int PacketId = 2;
        var remaining = 2 + "home/house".Length + PacketId + json;
        var packet =
            1
            + (
                remaining < 128 ? 1
                : remaining < 16_384 ? 2
                : 3
            )
            + remaining;
        return WireSize.Header(packet) + packet;
    }

    /// <summary>On a connection that stays open; a client that opens one for each message pays for that too.</summary>
    private static string HttpHeader(int json) =>
        "POST /telemetry HTTP/1.1\r\nHost: gateway.example:8443\r\n"
        + $"Authorization: Bearer house.{Secret}\r\nContent-Type: application/json\r\nContent-Length: {json}\r\n\r\n";
}
