using IoTGateway.Devices;

namespace IoTGateway.Security;

/// <summary>
/// Keys for the API, kept as SHA-256. Whoever can write the data folder owns the gateway, so the command line there
/// needs no stored secret: it lends itself a key that soon ends.
/// </summary>
internal sealed class ApiKeys(ControlDatabase database, TimeProvider time)
{
    private const string AdminName = "admin";
    private static readonly TimeSpan LoanTime = TimeSpan.FromMinutes(10);

    /// <summary>Makes the admin key on the first start, or takes the one that the settings give.</summary>
    /// <returns>The key where it was made just now, to be shown once; else null.</returns>
    public string? EnsureAdminKey(string? given)
    {
        using var connection = database.Open();
        if (!string.IsNullOrEmpty(given))
        {
            connection.Execute("DELETE FROM keys WHERE name = $name", ("$name", AdminName));
            Insert(connection, given, AdminName, DateTimeOffset.MaxValue);
            return null;
        }
        using var command = connection.Command("SELECT count(*) FROM keys WHERE name = $name", ("$name", AdminName));
        if ((long)(command.ExecuteScalar() ?? 0L) > 0)
            return null;
        var key = Secret.New();
        Insert(connection, key, AdminName, DateTimeOffset.MaxValue);
        return key;
    }

    /// <summary>A key for ten minutes, for a command line that has the data folder at hand.</summary>
    public string Lend()
    {
        var key = Secret.New();
        using var connection = database.Open();
        Insert(connection, key, "command line", time.GetUtcNow() + LoanTime);
        return key;
    }

    /// <summary>Whose key it is; null for none.</summary>
    public string? Find(ReadOnlySpan<char> key)
    {
        using var connection = database.Open();
        // The hash is looked up by itself: what its index leaks about a hash says nothing about a key.
        using var command = connection.Command(
            "SELECT name FROM keys WHERE hash = $hash AND expires > $now",
            ("$hash", Secret.Hash(key)),
            ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())
        );
        return command.ExecuteScalar() as string;
    }

    private void Insert(System.Data.Common.DbConnection connection, string key, string name, DateTimeOffset expires)
    {
        connection.Execute(
            "DELETE FROM keys WHERE expires < $now",
            ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())
        );
        connection.Execute(
            "INSERT OR REPLACE INTO keys (hash, name, expires) VALUES ($hash, $name, $expires)",
            ("$hash", Secret.Hash(key)),
            ("$name", name),
            ("$expires", expires.ToUnixTimeMilliseconds())
        );
    }
}
