using EndToEnd.Tests;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Faults;

/// <summary>The rows that a store has, read the way its users do.</summary>
internal static class Stores
{
    /// <summary>The history, by the API; a value that is there twice is two rows.</summary>
    public static async Task<List<StoredRow>> HistoryAsync(GatewayProcess gateway, IEnumerable<string> devices)
    {
        var rows = new List<StoredRow>();
        foreach (var device in devices)
        {
            var catalog = (await gateway.GetAsync($"/api/devices/{device}")).GetProperty("catalog");
            foreach (var sensor in catalog.GetProperty("sensors").EnumerateArray())
            {
                var measurement = sensor.GetProperty("measurement").GetString()!; // by the API's contract
                var fields = sensor.GetProperty("fields").EnumerateArray();
                var names = fields.Select(field => field.GetProperty("name").GetString()!).ToArray(); // likewise
                rows.AddRange(await HistoryAsync(gateway, device, measurement, names));
            }
        }
        return rows;
    }

    /// <summary>The journal of a gateway that has stopped, read as a new sink would read it.</summary>
    public static async Task<List<StoredRow>> JournalAsync(string dataFolder, IEnumerable<string> devices)
    {
        var wanted = devices.ToHashSet(StringComparer.Ordinal);
        var rows = new List<StoredRow>();
        await ReadJournalAsync(
            dataFolder,
            (blocks, record) =>
            {
                if (wanted.Contains(record.Device))
                    Read(blocks, record, rows);
            }
        );
        return rows;
    }

    /// <summary>The times since boot that a stopped gateway's journal keeps of a device: as they came, without the boot's time.</summary>
    public static async Task<List<long>> SinceBootAsync(string dataFolder, string device)
    {
        var times = new List<long>();
        await ReadJournalAsync(
            dataFolder,
            (blocks, record) =>
            {
                if (record.Device != device || record.Sequence == 0)
                    return;
                Assert.NotEqual(0, record.ClockOffsetMs);
                // What comes out without the offset is what stands in the message.
                var open = blocks.Open(record with { ClockOffsetMs = 0 });
                while (open.TryRead())
                    times.AddRange(blocks.Block.Times);
            }
        );
        return times;
    }

    private static async Task ReadJournalAsync(string dataFolder, Action<SinkRows, JournalRecord> each)
    {
        var options = new JournalOptions { Path = Path.Combine(dataFolder, "journal") };
        await using var journal = TelemetryJournal.Open(
            options,
            TimeProvider.System,
            NullLogger<TelemetryJournal>.Instance
        );
        using var control = new ControlDatabase(dataFolder);
        var catalogs = new CatalogStore(control);
        var skipped = new SinkCounters();
        var blocks = new SinkRows(catalogs, skipped, new SkipLog("ledger", TimeProvider.System, NullLogger.Instance));
        var batch = new JournalBatch();
        using (var cursor = journal.OpenCursor("ledger"))
        {
            while (cursor.Position < journal.DurableEnd)
            {
                cursor.Read(batch, 1 << 20);
                foreach (ref readonly var record in batch.Records)
                    each(blocks, record);
            }
        }
        journal.RemoveCursor("ledger");
        Assert.Equal(0, journal.DamageCount);
    }

    public static async Task<List<StoredRow>> InfluxAsync(InfluxDbServer influx, IEnumerable<string> devices)
    {
        var rows = new List<StoredRow>();
        foreach (var device in devices)
            rows.AddRange(
                (await influx.ReadAsync(device))
                    .GroupBy(value => new RowKey(device, value.Key.Item1, value.Key.Item3))
                    .Select(row => new StoredRow(
                        row.Key,
                        row.ToDictionary(value => value.Key.Item2, value => (double)value.Value)
                    ))
            );
        return rows;
    }

    private static async Task<IEnumerable<StoredRow>> HistoryAsync(
        GatewayProcess gateway,
        string device,
        string measurement,
        string[] fields
    )
    {
        // How often a time has come for a field: the second time belongs to a second row.
        var rows = new Dictionary<(long UnixMs, int Copy), Dictionary<string, double>>();
        foreach (var field in fields)
        {
            var copies = new Dictionary<long, int>();
            foreach (var (unixMs, value) in await gateway.ReadFieldAsync(device, measurement, field))
            {
                copies[unixMs] = copies.GetValueOrDefault(unixMs) + 1;
                if (!rows.TryGetValue((unixMs, copies[unixMs]), out var row))
                    rows[(unixMs, copies[unixMs])] = row = [];
                row[field] = value;
            }
        }
        return rows.Select(row => new StoredRow(new RowKey(device, measurement, row.Key.UnixMs), row.Value));
    }

    private static void Read(SinkRows blocks, in JournalRecord record, List<StoredRow> rows)
    {
        var open = blocks.Open(record);
        while (open.TryRead())
        {
            var block = blocks.Block;
            for (var row = 0; row < block.Rows; row++)
            {
                var values = new Dictionary<string, double>();
                for (var field = 0; field < block.Sensor.Fields.Length; field++)
                {
                    if (block.IsPresent(field, row))
                        values[block.Sensor.Fields[field].Name] = Protocol.Telemetry.FieldValue.ToDouble(
                            block.Sensor.Fields[field],
                            block.Raw(field, row)
                        );
                }
                rows.Add(new(new(record.Device, block.Sensor.Measurement, block.Times[row]), values));
            }
        }
    }
}
