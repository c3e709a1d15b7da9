using System.Globalization;
using System.Text.Json;
using IoTGateway.Protocol;

namespace IoTGateway.Links.Senml;

/// <summary>Reads a SenML JSON pack (RFC 8428) as PROTOCOL.md, "senml.json", takes it.</summary>
internal sealed class SenmlPack
{
    /// <summary>RFC 8428, section 4.5.3: times below 2^28 seconds are relative to now.</summary>
    private const decimal RelativeBelow = 1 << 28;

    /// <summary>Newest version of SenML that RFC 8428 defines.</summary>
    private const int Version = 10;
    private const string DefaultField = "value";

    private readonly string _device;
    private readonly long _nowMs;
    private readonly List<SenmlRecord> _records = [];
    private string _baseName = string.Empty;
    private string _baseUnit = string.Empty;
    private decimal _baseTime;
    private decimal? _baseValue;

    private SenmlPack(string device, long nowMs)
    {
        _device = device;
        _nowMs = nowMs;
    }

    /// <summary>Reads a pack.</summary>
    /// <param name="pack">The JSON array.</param>
    /// <param name="device">Whose link it came on.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="records">Its values.</param>
    /// <returns>Why it cannot be taken; null where it can.</returns>
    public static string? TryRead(JsonElement pack, string device, long nowMs, out IReadOnlyList<SenmlRecord> records)
    {
        var reader = new SenmlPack(device, nowMs);
        records = reader._records;
        try
        {
            foreach (var record in pack.EnumerateArray())
            {
                if (record.ValueKind != JsonValueKind.Object)
                    return "a pack is an array of objects";
                if (reader.Read(record) is { } error)
                    return error;
            }
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half of a surrogate pair, which no string can hold.
            return "a text in the pack has half of a surrogate pair";
        }
        return reader._records.Count == 0 ? "the pack holds no value" : null;
    }

    private string? Read(JsonElement record)
    {
        string name = string.Empty,
            unit = string.Empty;
        decimal time = 0;
        decimal? number = null;
        bool? truth = null;
        foreach (var property in record.EnumerateObject())
        {
            var value = property.Value;
            var ok = property.Name switch
            {
                "bn" => Text(value, ref _baseName),
                "bu" => Text(value, ref _baseUnit),
                "bt" => Number(value, ref _baseTime),
                "bv" => Number(value, ref _baseValue),
                "bver" => value.ValueKind == JsonValueKind.Number
                    && value.TryGetInt32(out var version)
                    && version <= Version,
                "n" => Text(value, ref name),
                "u" => Text(value, ref unit),
                "t" => Number(value, ref time),
                "ut" => value.ValueKind == JsonValueKind.Number,
                "v" => Number(value, ref number),
                "vb" => Truth(value, ref truth),
                "vs" or "vd" or "s" or "bs" => false,
                _ => !property.Name.EndsWith('_'),
            };
            if (!ok)
                return $"'{property.Name}' is not taken here, or its value is not of its kind: numbers (v) and booleans (vb) are";
        }
        // RFC 8428, section 4.1: where only one of base value and value is there, the other is 0.
        if (truth is null && _baseValue is { } baseValue && (number is not null || name.Length > 0))
            number = (number ?? 0) + baseValue;
        if (number is null && truth is null)
            return name.Length == 0 ? null : $"'{name}' has neither v nor vb";
        if (number is not null && truth is not null)
            return $"'{name}' has both v and vb";
        return Resolve(name, unit.Length > 0 ? unit : _baseUnit, time, number, truth);
    }

    private string? Resolve(string name, string unit, decimal time, decimal? number, bool? truth)
    {
        if (!TryStripDevice(_baseName, name, out var local))
            return $"'{_baseName}' is not this device: leave bn out, or let it name '{_device}'";
        var slash = local.LastIndexOf('/');
        var measurement = slash > 0 ? local[..slash] : local;
        var field = slash > 0 ? local[(slash + 1)..] : DefaultField;
        if (
            !IsName(measurement)
            || !IsName(field)
            || System.Text.Encoding.UTF8.GetByteCount(unit) > ProtocolLimits.UnitBytes
        )
            return $"'{local}' is not a name of 1 to {ProtocolLimits.NameBytes} bytes, or its unit is longer than {ProtocolLimits.UnitBytes}";
        if (Math.Abs(time) > ProtocolLimits.LatestUnixMs || Math.Abs(_baseTime) > ProtocolLimits.LatestUnixMs)
            return $"the time of '{local}' is out of range";
        var seconds = _baseTime + time;
        var ms = seconds < RelativeBelow ? _nowMs + decimal.Round(seconds * 1000) : decimal.Round(seconds * 1000);
        if (ms < 0 || ms > ProtocolLimits.LatestUnixMs)
            return $"the time of '{local}' is out of range";
        _records.Add(new SenmlRecord(measurement, field, unit, (long)ms, number, truth));
        return null;
    }

    /// <summary>Takes the device's own name off: it is the tag, not the measurement.</summary>
    private bool TryStripDevice(string baseName, string name, out string local)
    {
        local = name;
        if (baseName.Length == 0)
            return true;
        var full = baseName + name;
        var at = full.IndexOf(_device, StringComparison.Ordinal);
        // "urn:dev:mac:plc-7:" names plc-7 as "plc-7/" does.
        if (at < 0 || (at > 0 && !full.StartsWith("urn:dev:", StringComparison.Ordinal)))
            return false;
        var end = at + _device.Length;
        if (end < full.Length && !":/._-".Contains(full[end]))
            return false;
        local = full[Math.Min(end + 1, full.Length)..];
        return true;
    }

    private static bool IsName(string name) =>
        name.Length > 0
        && System.Text.Encoding.UTF8.GetByteCount(name) <= ProtocolLimits.NameBytes
        && !name.Any(char.IsControl);

    private static bool Text(JsonElement value, ref string target)
    {
        if (value.ValueKind != JsonValueKind.String)
            return false;
        target = value.GetString() ?? string.Empty;
        return true;
    }

    private static bool Number(JsonElement value, ref decimal target)
    {
        decimal? number = null;
        var ok = Number(value, ref number);
        target = number ?? target;
        return ok;
    }

    private static bool Number(JsonElement value, ref decimal? target)
    {
        if (value.ValueKind != JsonValueKind.Number)
            return false;
        var ok = decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        // Room for the sum with a base value.
        if (!ok || Math.Abs(number) > 1e18m)
            return false;
        target = DecimalDigits.AsDouble(number);
        return true;
    }

    private static bool Truth(JsonElement value, ref bool? target)
    {
        target = value.ValueKind == JsonValueKind.True;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }
}
