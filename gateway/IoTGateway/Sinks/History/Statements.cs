using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>A connection with its statements prepared once. Parameters are <c>$1</c>, <c>$2</c> …</summary>
internal sealed class Statements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    /// <summary>Runs a statement; answers how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Get(sql, values).ExecuteNonQuery();

    /// <summary>Runs a query. Dispose the reader before the same text runs again.</summary>
    public SqliteDataReader Query(string sql, params ReadOnlySpan<object> values) => Get(sql, values).ExecuteReader();

    /// <summary>The first value of the first row, or null where there is none.</summary>
    public long? Number(string sql, params ReadOnlySpan<object> values) => Get(sql, values).ExecuteScalar() as long?;

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Get(string sql, ReadOnlySpan<object> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is a constant of this folder.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
                command.Parameters.Add(new SqliteParameter($"${i}", null));
            _prepared.Add(sql, command);
        }
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }
}
