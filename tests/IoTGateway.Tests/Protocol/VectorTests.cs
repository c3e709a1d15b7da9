using System.Text.Json;
using IoTGateway.Fuzz;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Protocol;

/// <summary>Runs tests/vectors/iotgw-v1.json, which every implementation of the protocol runs.</summary>
public class VectorTests
{
    private static readonly VectorFile Vectors = VectorFile.Load();

    private static readonly Dictionary<string, DecodeError> Refusals = new()
    {
        ["truncated"] = DecodeError.Truncated,
        ["trailing"] = DecodeError.TrailingBytes,
        ["bad-varint"] = DecodeError.BadVarint,
        ["bad-text"] = DecodeError.BadText,
        ["bad-value"] = DecodeError.BadValue,
        ["unknown-type"] = DecodeError.UnknownType,
        ["unknown-sensor"] = DecodeError.UnknownSensor,
        ["time-out-of-range"] = DecodeError.TimeOutOfRange,
        ["too-large"] = DecodeError.TooLarge,
    };

    public static TheoryData<string> Messages => Named(vector => vector.Refused is null);

    public static TheoryData<string> CanonicalMessages => Named(vector => vector.Refused is null && vector.Canonical);

    public static TheoryData<string> NoMessages => Named(vector => vector.Refused is not null);

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_decodes_to_its_meaning(string name)
    {
        var vector = Vectors[name];
        var decoded = VectorDecoding.Decode(vector.Type, vector.Bytes, Vectors.CatalogOf(vector), out var error);

        Assert.Equal(DecodeError.None, error);
        using var actual = JsonDocument.Parse(decoded?.ToJsonString() ?? "null");
        Assert.True(
            JsonElement.DeepEquals(actual.RootElement, Meaning(vector)),
            $"decoded {actual.RootElement}, meant {Meaning(vector)}"
        );
    }

    [Theory]
    [MemberData(nameof(CanonicalMessages))]
    public void A_meaning_encodes_to_its_bytes(string name)
    {
        var vector = Vectors[name];

        var encoded = VectorEncoding.Encode(vector.Type, Meaning(vector), Vectors.CatalogOf(vector));

        Assert.Equal(vector.Hex, Convert.ToHexStringLower(encoded));
    }

    [Theory]
    [MemberData(nameof(NoMessages))]
    public void What_is_no_message_is_refused_with_its_reason(string name)
    {
        var vector = Vectors[name];

        var decoded = VectorDecoding.Decode(vector.Type, vector.Bytes, Vectors.CatalogOf(vector), out var error);

        Assert.Null(decoded);
        Assert.Equal(Refusals[vector.Refused ?? ""], error);
    }

    [Fact]
    public void Every_message_type_and_every_refusal_has_a_vector()
    {
        var types = Enum.GetValues<MessageType>().Where(type => type != MessageType.None).Select(type => (byte)type);

        Assert.Equal(types, Vectors.All.Where(v => v.Refused is null).Select(v => v.Bytes[0]).Distinct().Order());
        Assert.Equal(Refusals.Keys.Order(), Vectors.All.Select(v => v.Refused).OfType<string>().Distinct().Order());
        Assert.All(
            Vectors.All.Where(v => v.Refused is null),
            vector => Assert.Equal(vector.FromGateway, vector.Bytes[0] >= 0x80)
        );
    }

    [Fact]
    public void HELLO_names_the_catalog_of_its_session_by_hash()
    {
        Assert.True(Hello.TryRead(Vectors["session-hello"].Bytes, out var hello, out _));

        Assert.Equal(Catalog.HashOf(Vectors["session-catalog"].Bytes), hello.CatalogHash);
    }

    private static JsonElement Meaning(Vector vector)
    {
        Assert.NotNull(vector.Meaning);
        return vector.Meaning.Value;
    }

    private static TheoryData<string> Named(Func<Vector, bool> wanted) =>
        [.. Vectors.All.Where(wanted).Select(vector => vector.Name)];
}
