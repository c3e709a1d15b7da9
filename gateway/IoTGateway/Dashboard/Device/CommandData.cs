namespace IoTGateway.Dashboard.Device;

/// <summary>A command on its way.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What to do.</param>
/// <param name="Arguments">As JSON; empty for none.</param>
/// <param name="Status">queued, sent, succeeded, failed, refused, expired or cancelled.</param>
/// <param name="Result">What the device answered; empty for nothing yet.</param>
/// <param name="By">Who asked; empty where that is not known.</param>
/// <param name="Steps">Every status with its time, Unix milliseconds.</param>
public sealed record CommandData(
    string Id,
    string Name,
    string Arguments,
    string Status,
    string Result,
    string By,
    IReadOnlyList<(string Status, long AtMs)> Steps
);
