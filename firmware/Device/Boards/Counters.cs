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
        public long MessagesRefused;
        public long MessagesSent;
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
