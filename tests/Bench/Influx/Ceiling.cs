using System.Diagnostics;
using System.Net.Http.Headers;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Influx;

/// <summary>How many lines a database takes from a client that has them all ready and only sends.</summary>
internal static class Ceiling
{
    /// <summary>Sends requests over some connections at a time.</summary>
    /// <returns>The time from the first byte to the last answer.</returns>
    public static async Task<TimeSpan> MeasureAsync(
        LineStore database,
        IReadOnlyList<byte[]> requests,
        bool gzip,
        int connections
    )
    {
        using var http = new HttpClient();
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => SendAsync()));
        return clock.Elapsed;

        async Task SendAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < requests.Count; i = Interlocked.Increment(ref next))
            {
                using var content = new ByteArrayContent(requests[i]);
                content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
                if (gzip)
                    content.Headers.ContentEncoding.Add("gzip");
                using var answer = await http.PostAsync(database.WriteUrl, content);
                answer.EnsureSuccessStatusCode();
            }
        }
    }
}
