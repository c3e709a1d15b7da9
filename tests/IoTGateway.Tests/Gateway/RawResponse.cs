using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IoTGateway.Tests.Gateway;

/// <summary>A response, byte for byte.</summary>
internal sealed record RawResponse(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    public string? this[string name] =>
        Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public JsonElement Problem
    {
        get
        {
            Assert.StartsWith("application/problem+json", this["Content-Type"] ?? "none", StringComparison.Ordinal);
            return JsonElement.Parse(Body);
        }
    }

    public static async Task<RawResponse> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var status = await LineAsync(stream, cancellationToken);
        var headers = new List<(string, string)>();
        while (await LineAsync(stream, cancellationToken) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':');
            headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }
        var head = new RawResponse(
            int.Parse(status.Split(' ')[1], CultureInfo.InvariantCulture),
            headers,
            string.Empty
        );
        return head with { Body = await head.BodyAsync(stream, cancellationToken) };
    }

    private async Task<string> BodyAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (this["Content-Length"] is { } length)
            return await TextAsync(stream, int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        if (this["Transfer-Encoding"] != "chunked")
            return string.Empty;
        var body = new StringBuilder();
        while (true)
        {
            var size = int.Parse(await LineAsync(stream, cancellationToken), NumberStyles.HexNumber);
            body.Append(await TextAsync(stream, size, cancellationToken));
            await LineAsync(stream, cancellationToken);
            if (size == 0)
                return body.ToString();
        }
    }

    private static async Task<string> TextAsync(Stream stream, int bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[bytes];
        await stream.ReadExactlyAsync(buffer, cancellationToken);
        return Encoding.UTF8.GetString(buffer);
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)one[0]);
        }
    }
}
