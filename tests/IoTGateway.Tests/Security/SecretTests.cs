using System.Text;
using IoTGateway.Devices;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Security;

/// <summary>Where secrets are, and where they are not.</summary>
public sealed class SecretTests
{
    [Fact]
    public async Task No_secret_is_in_the_data_folder_or_the_log()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var rotated = (await gateway.Get<DeviceRegistry>().RotateAsync("roof", TestContext.Current.CancellationToken))!; // it was added just now
        await using (var device = await LinkClient.OpenAsync(gateway, rotated))
        {
            await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
            await device.AcknowledgedAsync(1, 1);
        }
        await using (var stranger = await RawConnection.OpenAsync(gateway))
            await stranger.AskAsync(RawRequest.Link(token));
        await Presence.OfflineAsync(gateway, "roof");
        string[] secrets = [token["roof.".Length..], rotated["roof.".Length..], gateway.AdminKey];
        var paths = Directory.EnumerateFiles(gateway.Folder, "*", SearchOption.AllDirectories).ToArray();
        Assert.Contains(paths, path => path.EndsWith("control.db", StringComparison.Ordinal));
        foreach (var path in paths.Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            using var reader = new StreamReader(file, Encoding.Latin1);
            var bytes = await reader.ReadToEndAsync();
            Assert.All(secrets, secret => Assert.DoesNotContain(secret, bytes));
        }
        var log = string.Join('\n', gateway.LogLines);
        Assert.Contains("roof: link open", log);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log));
    }

    [Fact]
    public async Task Private_keys_and_the_folder_are_for_their_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are of Unix.");
#pragma warning disable CA1416 // Skipped above.
        await using var gateway = await TestGateway.StartAsync();
        const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(File600 | UnixFileMode.UserExecute, File.GetUnixFileMode(gateway.Folder));
        Assert.Equal(File600, File.GetUnixFileMode(Path.Combine(gateway.Folder, "ca.key")));
        Assert.Equal(File600, File.GetUnixFileMode(Path.Combine(gateway.Folder, "server.key")));
#pragma warning restore CA1416
    }

    [Fact]
    public void Only_the_secret_itself_matches_and_nothing_matches_where_none_is_stored()
    {
        var secret = Secret.New();
        Assert.Equal(43, secret.Length);
        Assert.True(Secret.Matches(secret, Secret.Hash(secret)));
        Assert.False(Secret.Matches(secret.AsSpan()[..^1], Secret.Hash(secret)));
        Assert.False(Secret.Matches(string.Empty, null));
        Assert.False(Secret.Matches(secret, null));
    }

    [Theory]
    [InlineData("Bearer roof.secret", "roof", "secret")]
    [InlineData("bearer a.b.c-d.secret", "a.b.c-d", "secret")]
    [InlineData("Bearer roof.", null, null)]
    [InlineData("Bearer .secret", null, null)]
    [InlineData("Bearer secret", null, null)]
    [InlineData("Bearer Roof.secret", null, null)]
    [InlineData("Basic roof.secret", null, null)]
    [InlineData("", null, null)]
    public void The_last_dot_parts_the_device_from_its_secret(string header, string? device, string? secret)
    {
        Assert.Equal(device is not null, Credentials.TryParse(header, out var credentials));
        if (device is null)
            return;
        Assert.Equal(device, credentials.Device.ToString());
        Assert.Equal(secret, credentials.Secret.ToString());
    }
}
