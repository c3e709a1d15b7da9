using System.Text.Json;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests;

/// <summary>
/// The byte vectors that every implementation of the protocol runs. The firmware reads what a gateway sends, and its
/// writers are held to what a device sends.
/// </summary>
public class VectorTests
{
    private const string File = "tests/vectors/iotgw-v1.json";

    public static TheoryData<string, string, string, bool> GatewayVectors()
    {
        var data = new TheoryData<string, string, string, bool>();
        foreach (var vector in Load())
        {
            if (vector.GetProperty("direction").GetString() == "gateway")
                data.Add(
                    Text(vector, "name"),
                    Text(vector, "type"),
                    Text(vector, "hex"),
                    vector.TryGetProperty("refused", out _)
                );
        }

        return data;
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(GatewayVectors))]
    public void A_gateways_message_is_read_or_refused_as_the_vector_says(
        string name,
        string type,
        string hex,
        bool refused
    )
    {
        Assert.True(IsRead(type, Convert.FromHexString(hex)) != refused, name);
    }

    private static bool IsRead(string type, byte[] message)
    {
        var reader = new WireReader();
        reader.Reset(message, 0, message.Length);
        return (type, reader.U8()) switch
        {
            ("WELCOME", MessageType.Welcome) => new Welcome().TryRead(reader),
            ("ACK", MessageType.Ack) => new Ack().TryRead(reader),
            ("COMMAND", MessageType.Command) => new Command().TryRead(reader),
            ("DESIRED", MessageType.Desired) => new Desired().TryRead(reader),
            ("REFUSED", MessageType.Refused) => new Refused().TryRead(reader),
            ("RETRY_AFTER", MessageType.RetryAfter) => new RetryAfter().TryRead(reader),
            _ => false,
        };
    }

    private static string Text(JsonElement vector, string name) =>
        vector.GetProperty(name).GetString() ?? throw new InvalidDataException($"a vector without {name}");

    private static List<JsonElement> Load()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, File);
            if (System.IO.File.Exists(path))
                return [.. JsonDocument.Parse(System.IO.File.ReadAllText(path)).RootElement.EnumerateArray()];
        }

        return [];
    }
}
