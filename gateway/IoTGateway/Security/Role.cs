namespace IoTGateway.Security;

/// <summary>What the holder of a key may do; each may do all that stands above it.</summary>
internal enum Role
{
    /// <summary>Look at everything, secrets excepted.</summary>
    Viewer,

    /// <summary>Send commands, change devices' settings and alarms, settle rejected rows.</summary>
    Operator,

    /// <summary>Add and remove devices and keys, give out tokens.</summary>
    Admin,
}

/// <summary>Roles as people write them.</summary>
internal static class Roles
{
    /// <summary>For a person who has to choose one.</summary>
    public const string All = "viewer, operator or admin";

    public static bool TryParse(string? text, out Role role)
    {
        role = text switch
        {
            "operator" => Role.Operator,
            "admin" => Role.Admin,
            _ => Role.Viewer,
        };
        return text is "viewer" or "operator" or "admin";
    }
}

/// <summary>Who holds a key.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="Role">What he may do.</param>
internal readonly record struct KeyHolder(string Name, Role Role);
