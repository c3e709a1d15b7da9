namespace IoTGateway.Security;

/// <summary>
/// What a printed link carries instead of a key: it opens one session, once, within ten minutes. A restart ends all.
/// </summary>
internal sealed class SignInTickets(TimeProvider time)
{
    public static readonly TimeSpan LifeTime = TimeSpan.FromMinutes(10);

    /// <summary>The oldest gives way.</summary>
    private const int Most = 16;

    private readonly List<Ticket> _tickets = [];
    private readonly Lock _lock = new();

    /// <summary>Makes one for the holder of a key.</summary>
    public string Issue(string keyName)
    {
        var secret = Secret.New();
        lock (_lock)
        {
            if (_tickets.Count >= Most)
                _tickets.RemoveAt(0);
            _tickets.Add(new Ticket(Secret.Hash(secret), keyName, time.GetUtcNow() + LifeTime));
        }
        return secret;
    }

    /// <summary>Takes one, for ever.</summary>
    /// <returns>The name of the key that it stands for; null for none.</returns>
    public string? Take(ReadOnlySpan<char> secret)
    {
        lock (_lock)
        {
            _tickets.RemoveAll(ticket => ticket.Expires <= time.GetUtcNow());
            for (var i = 0; i < _tickets.Count; i++)
            {
                if (!Secret.Matches(secret, _tickets[i].Hash))
                    continue;
                var name = _tickets[i].KeyName;
                _tickets.RemoveAt(i);
                return name;
            }
            return null;
        }
    }

    private sealed record Ticket(byte[] Hash, string KeyName, DateTimeOffset Expires);
}
