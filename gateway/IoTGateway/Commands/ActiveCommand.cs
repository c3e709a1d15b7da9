namespace IoTGateway.Commands;

/// <summary>A command that has not ended, with what only this process needs to know of it.</summary>
/// <param name="command">As it stands.</param>
/// <param name="deadline">
/// When it expires, as a timestamp of the monotonic clock: a wall clock that is set ends nothing early and lets nothing
/// live longer.
/// </param>
internal sealed class ActiveCommand(DeviceCommand command, long deadline)
{
    public DeviceCommand Command { get; set; } = command;

    public long Deadline => deadline;

    /// <summary>How many others the device was sent since this one went out first.</summary>
    public int SentAfter { get; set; }
}
