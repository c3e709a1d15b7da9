namespace IoTGateway.Protocol.Telemetry;

/// <summary>How a field's values stand in a block (PROTOCOL.md, "Block").</summary>
internal enum ColumnEncoding : byte
{
    /// <summary>No row has a value.</summary>
    Missing = 0,

    /// <summary>Every row has the same value, written once.</summary>
    Constant = 1,

    /// <summary>Every row has a value.</summary>
    Series = 2,

    /// <summary>A presence bitmap, then the values present.</summary>
    Sparse = 3,
}
