namespace IoTGateway;

/// <summary><c>Data:*</c>: where everything that lasts is kept.</summary>
internal sealed class DataOptions
{
    /// <summary>The data folder.</summary>
    public string Path { get; set; } = DefaultPath;

    /// <summary>The user's data folder + <c>/iotgw</c>.</summary>
    public static string DefaultPath =>
        System.IO.Path.Combine(
            Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData,
                Environment.SpecialFolderOption.DoNotVerify
            ),
            "iotgw"
        );

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(Setting.That(!string.IsNullOrWhiteSpace(Path), "Data:Path is empty: give a folder."));
}
