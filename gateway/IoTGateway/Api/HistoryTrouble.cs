using IoTGateway.Sinks.History;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Api;

/// <summary>A database that is locked or damaged answers 503 in words; a damaged history is told to its sink, which begins a new one.</summary>
internal sealed class HistoryTrouble(HistoryDatabase history) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext context,
        Exception exception,
        CancellationToken cancellationToken
    )
    {
        if (exception is not SqliteException failure)
            return false;
        history.Suspect(failure);
        var detail = DamagedFile.Is(failure)
            ? "A database is damaged. A damaged history is put aside and filled again from the journal with the next message: try again soon."
            : "A database does not answer: another program holds it, or the disk fails. Telemetry is safe in the journal. Try again soon; GET /readyz says more.";
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await TypedResults
            .Problem($"{detail} ({failure.Message})", statusCode: StatusCodes.Status503ServiceUnavailable)
            .ExecuteAsync(context);
        return true;
    }
}
