using IoTGateway.Devices;

namespace IoTGateway.Security;

/// <summary>
/// Who is signed in to the dashboard. A session is a secret in a cookie; here there is its SHA-256. It ends with its
/// time, with a sign-out, and with the key that opened it.
/// </summary>
internal sealed class Sessions(ControlDatabase database, TimeProvider time)
{
    /// <summary>How long a browser stays signed in.</summary>
    public static readonly TimeSpan LifeTime = TimeSpan.FromDays(7);

    /// <summary>Of one key; the oldest give way.</summary>
    private const int MostPerKey = 100;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Opens a session for the holder of a key.</summary>
    /// <returns>Its secret, for the cookie.</returns>
    public string Open(string keyName)
    {
        var secret = Secret.New();
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        connection.Execute("DELETE FROM sessions WHERE expires < @now", ("@now", NowMs));
        connection.Execute(
            """
            DELETE FROM sessions WHERE key_name = @key AND hash NOT IN
                (SELECT hash FROM sessions WHERE key_name = @key ORDER BY expires DESC LIMIT @kept)
            """,
            ("@key", keyName),
            ("@kept", MostPerKey - 1)
        );
        connection.Execute(
            "INSERT INTO sessions (hash, key_name, expires) VALUES (@hash, @key, @expires)",
            ("@hash", Secret.Hash(secret)),
            ("@key", keyName),
            ("@expires", NowMs + (long)LifeTime.TotalMilliseconds)
        );
        transaction.Commit();
        return secret;
    }

    /// <summary>Who is signed in by it; null for nobody.</summary>
    public KeyHolder? Find(ReadOnlySpan<char> secret)
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            """
            SELECT keys.name, keys.role FROM sessions JOIN keys ON keys.name = sessions.key_name
            WHERE sessions.hash = @hash AND sessions.expires > @now AND keys.expires > @now
            """,
            ("@hash", Secret.Hash(secret)),
            ("@now", NowMs)
        );
        using var reader = command.ExecuteReader();
        return reader.Read() ? ApiKeys.Holder(reader) : null;
    }

    /// <summary>Ends one.</summary>
    public void Close(ReadOnlySpan<char> secret)
    {
        using var connection = database.Open();
        connection.Execute("DELETE FROM sessions WHERE hash = @hash", ("@hash", Secret.Hash(secret)));
    }
}
