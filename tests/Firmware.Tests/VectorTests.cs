using System.Text.Json;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests;

/// <summary>The firmware's half of the shared vectors: it reads what a gateway sends and writes what a device sends.</summary>
public class VectorTests
{
    public static TheoryData<string> GatewayVectors() => Names(v => v.Text("direction") == "gateway");

    /// <summary>Those a writer would choose, and that this device could mean: HELLO's limit is its own.</summary>
    public static TheoryData<string> WrittenVectors() =>
        Names(v =>
            v.Text("direction") == "device"
            && v.TryGetProperty("meaning", out var meaning)
            && !v.TryGetProperty("canonical", out _)
            && (v.Text("type") != "HELLO" || meaning.Whole("maxMessageBytes") == ProtocolLimits.MessageBytes)
        );

    [Theory]
    [MemberData(nameof(GatewayVectors))]
    public void A_gateways_message_is_read_or_refused_as_the_vector_says(string name)
    {
        var vector = VectorFile.All[name];
        var message = Convert.FromHexString(vector.Text("hex"));
        var reader = new WireReader();
        reader.Reset(message, 0, message.Length);
        var read = VectorReader.Read(vector.Text("type"), reader);

        if (vector.TryGetProperty("meaning", out var meaning))
            Assert.Equal(VectorReader.Flatten(meaning), read);
        else
            Assert.Null(read);
    }

    [Theory]
    [MemberData(nameof(WrittenVectors))]
    public void A_devices_message_is_written_as_the_vector_says(string name)
    {
        var vector = VectorFile.All[name];
        var writer = new WireWriter(64 * 1024);
        VectorWriter.Write(writer, vector);

        Assert.Equal(vector.Text("hex"), Convert.ToHexStringLower(writer.ToArray()));
    }

    private static TheoryData<string> Names(Func<JsonElement, bool> chosen) =>
        new(VectorFile.All.Where(v => chosen(v.Value)).Select(v => v.Key));
}
