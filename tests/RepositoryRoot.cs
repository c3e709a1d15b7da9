namespace IoTGateway.Tests;

/// <summary>The folder that holds IoTGateway.sln, found from the program upwards.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "IoTGateway.sln")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"No IoTGateway.sln in {from} or above it: run from a checkout.");
    }
}
