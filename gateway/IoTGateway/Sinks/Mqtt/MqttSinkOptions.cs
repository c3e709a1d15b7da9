using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>The section <c>Mqtt</c> of the configuration. Without <see cref="Url"/> there is no such sink.</summary>
internal sealed class MqttSinkOptions
{
    private const StringSplitOptions Trim = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    /// <summary>Where brokers listen, such as <c>mqtts://broker.local</c>; several, comma-separated, are tried in turn.</summary>
    public string? Url { get; set; }

    /// <summary>User name at the broker.</summary>
    public string? User { get; set; }

    /// <summary>Password at the broker. Set it by environment: <c>Mqtt__Password</c>.</summary>
    public string? Password { get; set; }

    /// <summary>PEM file of the authority that the broker's certificate is of; without it, those of this machine.</summary>
    public string? Ca { get; set; }

    /// <summary>What every topic starts with.</summary>
    public string Prefix { get; set; } = "iotgw";

    /// <summary>Whether devices are announced to Home Assistant.</summary>
    public bool HomeAssistant { get; set; } = true;

    /// <summary>No setting: the longest wait between attempts, for tests in a hurry.</summary>
    internal TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the sink is switched on.</summary>
    public bool IsOn => !string.IsNullOrWhiteSpace(Url);

    /// <summary>The addresses as they stand.</summary>
    public string[] Urls => (Url ?? string.Empty).Split(',', Trim);

    /// <summary>The brokers; only of options that were checked.</summary>
    public IReadOnlyList<MqttBroker> Brokers() =>
        [.. Urls.Select(url => MqttBroker.TryParse(url, out var broker) ? broker : null).OfType<MqttBroker>()];

    /// <summary>The authorities of <see cref="Ca"/>, or null.</summary>
    public X509Certificate2Collection? Authorities()
    {
        if (string.IsNullOrEmpty(Ca))
            return null;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Ca);
        return authorities;
    }

    /// <summary>What is wrong with the values. The password never appears.</summary>
    public IEnumerable<string> Errors() =>
        IsOn
            ? Setting.Check([
                .. Urls.Select(UrlError),
                Setting.That(
                    Urls.Length > 0,
                    "Mqtt:Url names no broker: allowed is mqtt://host or mqtts://host, several with commas between."
                ),
                PrefixError(Prefix),
                AuthorityError(),
                Setting.That(
                    Password is null || User is not null,
                    "Mqtt:Password is set and Mqtt:User is not: MQTT 3.1.1 knows no password without a user."
                ),
            ])
            : [];

    private static string? UrlError(string url)
    {
        if (MqttBroker.TryParse(url, out _))
            return null;
        var hasUser = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0;
        return hasUser
            ? "Mqtt:Url holds a user or password: put them in Mqtt:User and Mqtt:Password, which no log shows."
            : $"Mqtt:Url is '{url}': allowed is mqtt://host[:1883] or mqtts://host[:8883].";
    }

    private static string? PrefixError(string prefix)
    {
        var levels = prefix.Split('/');
        // A topic that begins with $ is the broker's own (MQTT 5.0 §4.7.2).
        var isWrong =
            prefix.StartsWith('$') || levels.Any(level => level.Length == 0 || MqttTopic.Level(level) != level);
        return isWrong || prefix.Length > 200
            ? $"Mqtt:Prefix is '{prefix}': allowed are levels with '/' between, without wildcards, $ in front or empty ones."
            : null;
    }

    private string? AuthorityError()
    {
        try
        {
            return Authorities() is { Count: 0 }
                ? $"Mqtt:Ca is '{Ca}', which holds no certificate: allowed is a PEM file."
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return $"Mqtt:Ca is '{Ca}', which cannot be read ({e.Message}): allowed is a PEM file.";
        }
    }
}
