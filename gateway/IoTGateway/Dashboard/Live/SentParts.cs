namespace IoTGateway.Dashboard.Live;

/// <summary>What a page has already: a part that is rendered as before is not sent again.</summary>
internal sealed class SentParts
{
    private readonly Dictionary<string, string> _sent = new(StringComparer.Ordinal);
    private Dictionary<string, string>? _changed;

    public void Add(string id, string html)
    {
        if (_sent.TryGetValue(id, out var before) && before == html)
            return;
        _sent[id] = html;
        (_changed ??= new Dictionary<string, string>(StringComparer.Ordinal))[id] = html;
    }

    /// <summary>What is new since the last call; null for nothing.</summary>
    public IReadOnlyDictionary<string, string>? Take()
    {
        var changed = _changed;
        _changed = null;
        return changed;
    }
}
