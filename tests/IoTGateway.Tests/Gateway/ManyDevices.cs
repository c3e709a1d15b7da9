using IoTGateway.Devices;

namespace IoTGateway.Tests.Gateway;

/// <summary>A registry that is full at once.</summary>
internal static class ManyDevices
{
    /// <summary>Registers device-0000 and so on, in one transaction; nobody has their tokens.</summary>
    public static void AddDevices(this ControlDatabase database, int count)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction();
        for (var i = 0; i < count; i++)
            connection.Execute(
                "INSERT INTO devices (id, name, secret, created) VALUES (@id, @id, @secret, 0)",
                ("@id", $"device-{i:0000}"),
                ("@secret", new byte[32])
            );
        transaction.Commit();
    }
}
