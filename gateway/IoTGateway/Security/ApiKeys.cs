using System.Collections.Concurrent;
using System.Data.Common;
using IoTGateway.Devices;

namespace IoTGateway.Security;

/// <summary>
/// Keys for API and dashboard, kept as SHA-256. Whoever can write the data folder owns the gateway, so the command line
/// there needs no stored secret: it lends itself a key that soon ends.
/// </summary>
internal sealed class ApiKeys(ControlDatabase database, TimeProvider time)
{
    /// <summary>The key of the first start, or of <c>Security:AdminKey</c>.</summary>
    public const string AdminName = "admin";
    public const string NameRule = "1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or a digit";

    // No name of a key that a person makes: it has a space.
    private const string LoanName = "command line";
    private static readonly TimeSpan LoanTime = TimeSpan.FromMinutes(10);

    /// <summary>Whether the settings say what the admin key is: then it is changed there.</summary>
    public bool IsAdminGiven { get; private set; }

    /// <summary>Whether a key was lent, and ends soon.</summary>
    public static bool IsLoan(string name) => name == LoanName;

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _watched = new(StringComparer.Ordinal);

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Makes the admin key on the first start, or takes the one that the settings give.</summary>
    /// <returns>The key where it was made just now, to be shown once; else null.</returns>
    public string? EnsureAdminKey(string? given)
    {
        using var connection = database.Open();
        IsAdminGiven = !string.IsNullOrEmpty(given);
        if (IsAdminGiven)
        {
            TakeGiven(connection, given!); // not empty, as just seen
            return null;
        }
        if (IsTaken(connection, AdminName))
            return null;
        var key = Secret.New();
        Insert(connection, key, AdminName, Role.Admin, DateTimeOffset.MaxValue);
        return key;
    }

    /// <summary>Makes a key.</summary>
    /// <param name="name">As <see cref="NameRule"/> says.</param>
    /// <param name="role">What its holder may do.</param>
    /// <returns>The key, which is kept nowhere; null where the name is taken.</returns>
    public string? Add(string name, Role role)
    {
        var key = Secret.New();
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        if (name == AdminName || IsTaken(connection, name))
            return null;
        Insert(connection, key, name, role, DateTimeOffset.MaxValue);
        transaction.Commit();
        return key;
    }

    /// <summary>Ends a key, and with it the sessions that were opened by it.</summary>
    /// <returns>False for an unknown name, and for the admin's.</returns>
    public bool Remove(string name)
    {
        if (name is AdminName or LoanName)
            return false;
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        EndSessions(connection, name);
        var removed = connection.Execute("DELETE FROM keys WHERE name = @name", ("@name", name)) > 0;
        transaction.Commit();
        TellEnd(name);
        return removed;
    }

    /// <summary>Another key for a name, with the role it has. The one before ends, and with it what it has signed in.</summary>
    /// <returns>The key, which is kept nowhere; null for an unknown name, and for an admin's that the settings give.</returns>
    public string? Rotate(string name)
    {
        if (name == LoanName || (name == AdminName && IsAdminGiven))
            return null;
        var key = Secret.New();
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        var known = connection.Execute(
            "UPDATE keys SET hash = @hash WHERE name = @name",
            ("@hash", Secret.Hash(key)),
            ("@name", name)
        );
        if (known == 0)
            return null;
        EndSessions(connection, name);
        transaction.Commit();
        TellEnd(name);
        return key;
    }

    /// <summary>Cancelled when the key of this name is removed or rotated: what it has opened ends then.</summary>
    public CancellationToken EndOf(string name) =>
        _watched.GetOrAdd(name, static _ => new CancellationTokenSource()).Token;

    /// <summary>Every key but the loans, by name.</summary>
    public IReadOnlyList<KeyHolder> List()
    {
        using var connection = database.Open(durable: false);
        using var command = connection.Command(
            "SELECT name, role FROM keys WHERE name <> @loan ORDER BY name",
            ("@loan", LoanName)
        );
        using var reader = command.ExecuteReader();
        var keys = new List<KeyHolder>();
        while (reader.Read())
            keys.Add(Holder(reader));
        return keys;
    }

    /// <summary>A key for ten minutes, for a command line that has the data folder at hand.</summary>
    public string Lend()
    {
        var key = Secret.New();
        using var connection = database.Open();
        Insert(connection, key, LoanName, Role.Admin, time.GetUtcNow() + LoanTime);
        return key;
    }

    /// <summary>Whose key it is; null for none.</summary>
    public KeyHolder? Find(ReadOnlySpan<char> key)
    {
        using var connection = database.Open(durable: false);
        // The hash is looked up by itself: what its index leaks about a hash says nothing about a key.
        using var command = connection.Command(
            "SELECT name, role FROM keys WHERE hash = @hash AND expires > @now",
            ("@hash", Secret.Hash(key)),
            ("@now", NowMs)
        );
        using var reader = command.ExecuteReader();
        return reader.Read() ? Holder(reader) : null;
    }

    /// <summary>A name and a role, in this order.</summary>
    internal static KeyHolder Holder(DbDataReader reader)
    {
        // What nobody here has written may do the least.
        _ = Roles.TryParse(reader.GetString(1), out var role);
        return new KeyHolder(reader.GetString(0), role);
    }

    /// <summary>Another admin key than before ends what the one before has opened.</summary>
    private void TakeGiven(DbConnection connection, string given)
    {
        using var transaction = connection.BeginTransaction();
        var removed = connection.Execute(
            "DELETE FROM keys WHERE name = @name AND hash <> @hash",
            ("@name", AdminName),
            ("@hash", Secret.Hash(given))
        );
        if (removed > 0)
            EndSessions(connection, AdminName);
        Insert(connection, given, AdminName, Role.Admin, DateTimeOffset.MaxValue);
        transaction.Commit();
    }

    private static void EndSessions(DbConnection connection, string name) =>
        connection.Execute("DELETE FROM sessions WHERE key_name = @name", ("@name", name));

    private void TellEnd(string name)
    {
        if (_watched.TryRemove(name, out var watched))
            watched.Cancel();
    }

    private static bool IsTaken(DbConnection connection, string name)
    {
        using var command = connection.Command("SELECT count(*) FROM keys WHERE name = @name", ("@name", name));
        return (long)(command.ExecuteScalar() ?? 0L) > 0;
    }

    private void Insert(DbConnection connection, string key, string name, Role role, DateTimeOffset expires)
    {
        connection.Execute("DELETE FROM keys WHERE expires < @now", ("@now", NowMs));
        connection.Execute(
            """
            INSERT INTO keys (hash, name, expires, role) VALUES (@hash, @name, @expires, @role)
            ON CONFLICT (hash) DO UPDATE SET name = excluded.name, expires = excluded.expires, role = excluded.role
            """,
            ("@hash", Secret.Hash(key)),
            ("@name", name),
            ("@expires", expires.ToUnixTimeMilliseconds()),
            ("@role", Words.Of(role))
        );
    }
}
