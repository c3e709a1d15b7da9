using IoTGateway.Api;
using IoTGateway.Journal;
using IoTGateway.Security;

namespace IoTGateway.Backup;

/// <summary><c>GET /api/backup</c>: the data folder as a tar, taken while the gateway runs.</summary>
internal static class BackupApi
{
    public static void MapBackup(this IEndpointRouteBuilder api) =>
        api.MapGet("/backup", TakeAsync)
            .WithTags("Operations")
            .Takes(Role.Admin)
            .Produces(StatusCodes.Status200OK, contentType: "application/x-tar")
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("A backup of all that lasts, keys included: keep it as you keep those");

    private static async Task<IResult> TakeAsync(
        HttpContext context,
        TelemetryJournal journal,
        DataOptions data,
        TimeProvider time
    )
    {
        try
        {
            var snapshot = await FolderSnapshot.TakeAsync(data.Path, journal, context.RequestAborted);
            // Should the caller be gone before the first byte.
            context.Response.RegisterForDisposeAsync(snapshot);
            return TypedResults.Stream(
                async body =>
                {
                    // Put away before the answer ends: whoever has it all may ask for the next.
                    await using (snapshot)
                        await BackupArchive.WriteAsync(snapshot, body, time.GetUtcNow(), context.RequestAborted);
                },
                "application/x-tar",
                $"iotgw-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.tar"
            );
        }
        catch (BackupException e)
        {
            return Problems.Conflict(e.Message);
        }
    }
}
