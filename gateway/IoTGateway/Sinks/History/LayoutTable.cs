using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Sinks.History;

/// <summary>The layouts one connection has met. Blocks of different catalogs live side by side, each naming its own.</summary>
internal sealed class LayoutTable(Statements statements)
{
    // Catalogs are few objects, each kept by the catalog store; when devices come and go, start over.
    private const int MostKnown = 65_536;

    private readonly Dictionary<SensorDescription, Layout> _bySensor = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, Layout?> _byId = [];
    private readonly WireWriter _writer = new();

    /// <summary>The layout of a sensor, stored if it is new.</summary>
    public Layout For(SensorDescription sensor)
    {
        if (_bySensor.TryGetValue(sensor, out var known))
            return known;
        if (_bySensor.Count >= MostKnown)
            Forget();
        _writer.Clear();
        Catalog.WriteSensor(_writer, sensor);
        var bytes = _writer.ToArray();
        statements.Execute("INSERT OR IGNORE INTO layouts (sensor) VALUES ($1)", bytes);
        var id =
            statements.Number("SELECT id FROM layouts WHERE sensor = $1", bytes)
            ?? throw new InvalidOperationException("A layout just stored is not there.");
        // Two devices with equal sensors share a layout; one object stands for it, so that layouts compare by reference.
        var layout = ById(id) ?? throw new InvalidOperationException($"Layout {id} does not read back.");
        return _bySensor[sensor] = layout;
    }

    /// <summary>A stored layout, or null where it is missing or damaged.</summary>
    public Layout? ById(long id)
    {
        if (_byId.TryGetValue(id, out var known))
            return known;
        using var row = statements.Query("SELECT sensor FROM layouts WHERE id = $1", id);
        return row.Read() ? _byId[id] = Read(id, row) : null;
    }

    /// <summary>Forgets all: after a rollback a number may stand for something else.</summary>
    public void Forget()
    {
        _bySensor.Clear();
        _byId.Clear();
    }

    private static Layout? Read(long id, SqliteDataReader row)
    {
        var reader = new WireReader(row.GetFieldValue<byte[]>(0));
        var sensor = Catalog.ReadSensor(ref reader);
        return reader.Finish() ? new Layout(id, sensor) : null;
    }
}
