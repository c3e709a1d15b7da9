using IoTGateway.Security;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// Every topic on which Home Assistant was told of an entity that was not taken back, in a file of the data folder, a
/// line for each: so nothing is left at the broker of what went while the broker or this gateway was away.
/// </summary>
internal sealed class AnnouncedTopics
{
    private readonly string _path;
    private readonly Dictionary<string, HashSet<string>> _byDevice = new(StringComparer.Ordinal);

    public AnnouncedTopics(string folder)
    {
        _path = Path.Combine(folder, "homeassistant.txt");
        if (!File.Exists(_path))
            return;
        foreach (var line in File.ReadLines(_path))
        {
            if (line.Split(' ', 2) is [var device, var topic])
                Of(device).Add(topic);
        }
    }

    public IReadOnlyCollection<string> Devices => _byDevice.Keys;

    public IReadOnlyCollection<string> TopicsOf(string device) => _byDevice.GetValueOrDefault(device) ?? [];

    /// <summary>Keeps a device's topics; on disk after <see cref="Save"/>.</summary>
    /// <returns>Whether that changes anything.</returns>
    public bool Set(string device, IReadOnlyCollection<string> topics)
    {
        if (Of(device).SetEquals(topics))
            return false;
        _byDevice[device] = new HashSet<string>(topics, StringComparer.Ordinal);
        return true;
    }

    /// <summary>Replaces the file whole.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Save()
    {
        foreach (var empty in _byDevice.Where(device => device.Value.Count == 0).ToArray())
            _byDevice.Remove(empty.Key);
        var lines = _byDevice.SelectMany(device => device.Value, (device, topic) => $"{device.Key} {topic}\n");
        var next = _path + ".new";
        PrivateFile.Write(next, string.Concat(lines));
        File.Move(next, _path, overwrite: true);
    }

    private HashSet<string> Of(string device)
    {
        if (!_byDevice.TryGetValue(device, out var topics))
            _byDevice[device] = topics = new HashSet<string>(StringComparer.Ordinal);
        return topics;
    }
}
