using Microsoft.AspNetCore.Http;

namespace Firmware.Tests.Http;

/// <summary>Messages, each after its length (PROTOCOL.md, HTTP), with the platform's own tools.</summary>
internal static class RequestBody
{
    public const string ContentType = "application/vnd.iotgw.v1";

    public static async Task<List<byte[]>> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        body.Position = 0;
        using var reader = new BinaryReader(body);
        var messages = new List<byte[]>();
        while (body.Position < body.Length)
        {
            var length = reader.Read7BitEncodedInt();
            var message = reader.ReadBytes(length);
            Assert.Equal(length, message.Length);
            messages.Add(message);
        }

        return messages;
    }

    public static byte[] Of(IEnumerable<byte[]> messages)
    {
        using var body = new MemoryStream();
        using var writer = new BinaryWriter(body);
        foreach (var message in messages)
        {
            writer.Write7BitEncodedInt(message.Length);
            writer.Write(message);
        }

        return body.ToArray();
    }
}
