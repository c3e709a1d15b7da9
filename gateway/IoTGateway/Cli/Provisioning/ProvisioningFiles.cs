using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IoTGateway.Security;

namespace IoTGateway.Cli.Provisioning;

/// <summary>The files that nanoff deploys to one board. All of them hold secrets, so only their owner may read them.</summary>
internal sealed class ProvisioningFiles(string folder)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        // What is written is read by small parsers: as few escapes as JSON allows.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>For nanoff: Wi-Fi, and the CA for the board's certificate store.</summary>
    public string Network => Path.Combine(Folder, "net.json");

    /// <summary>For nanoff: which file goes where on the board.</summary>
    public string Files => Path.Combine(Folder, "files.json");

    /// <summary>What the firmware reads from <c>I:\config.json</c>.</summary>
    public string Config => Path.Combine(Folder, "config.json");

    /// <summary>What the firmware reads from <c>I:\ca.pem</c>.</summary>
    public string Authority => Path.Combine(Folder, "ca.pem");

    /// <summary>Which steps are done.</summary>
    public string State => Path.Combine(Folder, "state.json");

    /// <param name="plan">What the board is to become.</param>
    /// <param name="token">The device's.</param>
    /// <param name="epoch">No boot of the board has an epoch below this (PROTOCOL.md, Epoch).</param>
    public void Write(ProvisioningPlan plan, string token, uint epoch)
    {
        PrivateFile.CreateFolder(Folder);
        PrivateFile.Write(
            Config,
            Json(
                new
                {
                    gateway = plan.Link.AbsoluteUri,
                    token,
                    epoch,
                    board = plan.Board,
                    transport = plan.Transport,
                    pollIntervalMs = (int?)plan.PollInterval?.TotalMilliseconds,
                }
            )
        );
        if (plan.CaPem is { } pem)
            PrivateFile.Write(Authority, pem);
        else
            File.Delete(Authority);
        PrivateFile.Write(Network, Json(NetworkOf(plan)));
        PrivateFile.Write(Files, Json(FilesOf(plan)));
    }

    /// <summary>The token that was written for a device before; null for none.</summary>
    public string? FindToken(string device) =>
        FindInConfig("token", JsonValueKind.String)?.GetString() is { } token
        && token.StartsWith($"{device}.", StringComparison.Ordinal)
            ? token
            : null;

    /// <summary>The epoch that was written before; null for none.</summary>
    public uint? FindEpoch() =>
        FindInConfig("epoch", JsonValueKind.Number) is { } found && found.TryGetUInt32(out var epoch) ? epoch : null;

    private JsonElement? FindInConfig(string property, JsonValueKind kind)
    {
        try
        {
            var found = JsonElement.Parse(File.ReadAllText(Config)).GetProperty(property);
            return found.ValueKind == kind ? found : null;
        }
        catch (Exception e)
            when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Encryption must be said: left out, nanoff takes it for none. The board wants a NUL behind the PEM.</summary>
    private static object NetworkOf(ProvisioningPlan plan) =>
        new
        {
            SerialPort = plan.Port ?? "",
            WirelessClient = new
            {
                plan.Ssid,
                plan.Password,
                Authentication = "WPA2",
                Encryption = "WPA2",
                ConfigurationOption = "AutoConnect",
                DhcpEnabled = true,
                AutomaticDNS = true,
            },
            CACertificates = plan.CaPem is { } pem ? Convert.ToBase64String(Encoding.UTF8.GetBytes(pem + "\0")) : null,
        };

    private object FilesOf(ProvisioningPlan plan)
    {
        var config = new { DestinationFilePath = @"I:\config.json", SourceFilePath = Config };
        var authority = new { DestinationFilePath = @"I:\ca.pem", SourceFilePath = Authority };
        return new
        {
            SerialPort = plan.Port ?? "",
            Files = plan.CaPem is null ? [config] : new[] { config, authority },
        };
    }

    private static string Json(object value) => JsonSerializer.Serialize(value, Format);
}
