using IoTGateway.Devices;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Alarms;

/// <summary>From rows, and from their absence, to what a rule says of them.</summary>
internal sealed partial class AlarmWatch
{
    /// <summary>Called by the live feed for every block: it may not wait for a disk.</summary>
    private void Take(string device, RowBlock block)
    {
        foreach (var rule in _rules)
        {
            if (rule.Measurement != block.Sensor.Measurement || !rule.IsFor(device))
                continue;
            var field = Array.FindIndex(block.Sensor.Fields, one => one.Name == rule.Field);
            if (field < 0)
                continue;
            var now = NowMs;
            lock (_lock)
            {
                var state = StateOf(rule, device);
                for (var row = 0; row < block.Rows; row++)
                {
                    if (block.IsPresent(field, row))
                        Found(
                            state.Take(
                                block.Times[row],
                                FieldValue.ToDouble(block.Sensor.Fields[field], block.Raw(field, row)),
                                now
                            )
                        );
                }
            }
        }
    }

    private void LookForMissing()
    {
        if (_rules.IsEmpty)
            return;
        if (_round++ % RegistryEvery == 0)
            ReadRegistry();
        var now = NowMs;
        lock (_lock)
        {
            foreach (var rule in _rules.Where(rule => rule.Kind == AlarmKind.Missing))
            {
                foreach (var device in _devices.Where(device => rule.IsFor(device.Id) && !device.Disabled))
                    Found(StateOf(rule, device.Id).Look(now));
            }
        }
    }

    /// <summary>Who there is; a device that was removed is missed by nobody, and has no alarm.</summary>
    private void ReadRegistry()
    {
        (long Rule, string Device)[] before;
        lock (_lock)
            before = [.. _states.Keys];
        // After the states: one that is added meanwhile is not taken for one that has gone.
        _devices = _registry.List();
        var known = _devices.Select(device => device.Id).ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (var key in before.Where(key => !known.Contains(key.Device)))
                Forget(key);
        }
    }

    /// <summary>Ends what held there: the rule or the device goes.</summary>
    private void Forget((long Rule, string Device) key)
    {
        if (
            _states.Remove(key, out var state)
            && state.IsRaised
            && _rules.FirstOrDefault(rule => rule.Id == key.Rule) is { } rule
        )
            Found(new AlarmEvent(0, rule.Id, rule.Name, rule.InWords(), key.Device, false, NowMs, null, false));
    }

    /// <summary>Where a rule stands before the next row comes: the last row that there is says so.</summary>
    private void SeedFromHistory(AlarmRule rule)
    {
        try
        {
            foreach (var device in _registry.List().Where(device => rule.IsFor(device.Id)))
            {
                var last = _history.Series(device.Id).FirstOrDefault(series => series.Measurement == rule.Measurement);
                var value = last?.Fields.FirstOrDefault(field => field.Name == rule.Field).Value;
                lock (_lock)
                {
                    var state = StateOf(rule, device.Id);
                    if (last is not null && value is { } known && rule.Kind != AlarmKind.Missing && !state.IsRaised)
                        Found(state.Take(last.LastUnixMs, known, NowMs));
                }
            }
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            LogUnread(e, rule.Name);
        }
    }

    private AlarmState StateOf(AlarmRule rule, string device)
    {
        if (!_states.TryGetValue((rule.Id, device), out var state))
        {
            _states[(rule.Id, device)] = state = new AlarmState(rule, device);
            state.ListenFrom(NowMs);
        }
        return state;
    }
}
