namespace IoTGateway.Device.Boards
{
    /// <summary>
    /// Every refusal and every loss has a number of its own. Written by the device's thread alone; a reader on another
    /// thread may see one number before its neighbour.
    /// </summary>
    internal sealed class Counters
    {
        public long RowsSampled;
        public long RowsAcknowledged;
        public long RowsDropped;
        public long RowsRefused;

        /// <summary>Rows that moved from RAM to flash.</summary>
        public long RowsSpilled;

        /// <summary>Not a count but a level: rows in flash without ACK.</summary>
        public long RowsInFlash;

        /// <summary>That level as this boot found it.</summary>
        public long RowsInFlashAtBoot;
        public long SpillFilesWritten;
        public long SpillFilesDamaged;

        /// <summary>The flash refused a file: full, or worn.</summary>
        public long SpillsFailed;

        /// <summary>By spilled rows, their catalogs and gaps, settings and command results.</summary>
        public long FlashBytesWritten;
        public long LogsDropped;
        public long MessagesRefused;
        public long MessagesSent;

        /// <summary>Samples in which a sensor gave nothing, or not all of its values; CATALOG's sensor_errors.</summary>
        public long SensorFailures;
        public long ConnectFailures;
        public long LinksOpened;
        public long LinksLost;
        public long LinksStalled;
        public long FragmentsRefused;
        public long MalformedMessages;
        public long CommandsRun;
        public long CommandsExpired;
        public long CommandsRefused;
        public long CommandsRepeated;
        public string LastCommand = "";
    }
}
