using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>A block as it stands in a table.</summary>
internal readonly record struct StoredBlock(long First, long Last, int Rows, long Layout, byte[] Data)
{
    /// <summary>Reads the columns first, last, rows, layout, data.</summary>
    public static StoredBlock Read(SqliteDataReader row) =>
        new(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3), row.GetFieldValue<byte[]>(4));
}
