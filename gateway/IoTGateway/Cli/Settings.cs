namespace IoTGateway.Cli;

/// <summary>Settings given on the command line as <c>--Section:Name=value</c>.</summary>
internal static class Settings
{
    public const string Description =
        "Settings as --Section:Name=value, such as --Listen:Https=9443 or --Influx:Url=http://localhost:8086";

    /// <summary>What is no setting among the words left over; null for none.</summary>
    public static string? Error(IEnumerable<string> words)
    {
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            var name = equals < 0 ? word : word[..equals];
            if (equals < 0 || !word.StartsWith("--", StringComparison.Ordinal) || !name.Contains(':'))
                return $"'{word}' is neither a verb nor a setting. {Description}. 'iotgw --help' lists the verbs.";
        }
        return null;
    }
}
