namespace IoTGateway.Sinks.History;

/// <summary>The rows of one measurement of one device, and how many of them wait to be merged.</summary>
internal sealed class SeriesState(long id, string device, string measurement)
{
    public long Id { get; } = id;
    public string Device { get; } = device;
    public string Measurement { get; } = measurement;
    public int FreshBlocks { get; set; }
    public int FreshRows { get; set; }

    /// <summary>Rows of the batch being written.</summary>
    public RowBuffer? Pending { get; set; }
}
