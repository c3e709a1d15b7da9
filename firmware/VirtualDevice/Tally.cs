using IoTGateway.Device.Boards;

namespace IoTGateway.VirtualDevice;

/// <summary>Sums the firmware's counters over the boots, which start them at zero.</summary>
internal sealed class Tally
{
    private readonly Counters _sum = new();
    private long _rowsLost;
    private long _rowsInFlash;

    /// <summary>
    /// A boot has ended: what it had neither delivered nor dropped nor in flash is gone with its RAM, and so is what it had
    /// dropped without having told anybody.
    /// </summary>
    public void Add(Counters boot, long gapRowsInRam)
    {
        var held = boot.RowsInFlashAtBoot + boot.RowsSampled;
        _rowsLost +=
            held - boot.RowsAcknowledged - boot.RowsDropped - boot.RowsRefused - boot.RowsInFlash + gapRowsInRam;
        Sum(_sum, boot);
        _sum.RowsDropped -= gapRowsInRam;
        _rowsInFlash = boot.RowsInFlash;
    }

    public VirtualDeviceStatus With(Boot? boot, uint epoch, string? fault)
    {
        var total = new Counters();
        Sum(total, _sum);
        if (boot is not null)
            Sum(total, boot.Application.Counters);
        return new VirtualDeviceStatus
        {
            Running = boot is not null,
            Connected = boot is not null && boot.Application.LinkIsOpen,
            Epoch = epoch,
            RowsSampled = total.RowsSampled,
            RowsAcknowledged = total.RowsAcknowledged,
            RowsDropped = total.RowsDropped,
            RowsRefused = total.RowsRefused,
            RowsLost = _rowsLost,
            RowsInFlash = boot is null ? _rowsInFlash : boot.Application.Counters.RowsInFlash,
            RowsSpilled = total.RowsSpilled,
            SpillFilesWritten = total.SpillFilesWritten,
            SpillFilesDamaged = total.SpillFilesDamaged,
            SpillsFailed = total.SpillsFailed,
            FlashBytesWritten = total.FlashBytesWritten,
            LogsDropped = total.LogsDropped,
            LinksOpened = total.LinksOpened,
            ConnectFailures = total.ConnectFailures,
            LinksStalled = total.LinksStalled,
            MessagesSent = total.MessagesSent,
            MessagesRefused = total.MessagesRefused,
            MalformedMessages = total.MalformedMessages,
            FragmentsRefused = total.FragmentsRefused,
            CommandsRun = total.CommandsRun,
            CommandsRefused = total.CommandsRefused,
            CommandsExpired = total.CommandsExpired,
            CommandsRepeated = total.CommandsRepeated,
            LastCommand = total.LastCommand,
            Fault = fault,
        };
    }

    private static void Sum(Counters into, Counters from)
    {
        into.RowsSampled += from.RowsSampled;
        into.RowsAcknowledged += from.RowsAcknowledged;
        into.RowsDropped += from.RowsDropped;
        into.RowsRefused += from.RowsRefused;
        into.RowsSpilled += from.RowsSpilled;
        into.SpillFilesWritten += from.SpillFilesWritten;
        into.SpillFilesDamaged += from.SpillFilesDamaged;
        into.SpillsFailed += from.SpillsFailed;
        into.FlashBytesWritten += from.FlashBytesWritten;
        into.LogsDropped += from.LogsDropped;
        into.LinksOpened += from.LinksOpened;
        into.ConnectFailures += from.ConnectFailures;
        into.LinksStalled += from.LinksStalled;
        into.MessagesSent += from.MessagesSent;
        into.MessagesRefused += from.MessagesRefused;
        into.MalformedMessages += from.MalformedMessages;
        into.FragmentsRefused += from.FragmentsRefused;
        into.CommandsRun += from.CommandsRun;
        into.CommandsRefused += from.CommandsRefused;
        into.CommandsExpired += from.CommandsExpired;
        into.CommandsRepeated += from.CommandsRepeated;
        if (from.LastCommand.Length > 0)
            into.LastCommand = from.LastCommand;
    }
}
