using System.Globalization;

namespace IoTGateway.Journal;

/// <summary>One file of the journal. It holds the offsets from <see cref="Start"/> up to <see cref="End"/>.</summary>
internal sealed class Segment(string path, long start, long end)
{
    public const string Extension = ".seg";
    private const int NameDigits = 20;

    private long _end = end;
    private volatile bool _removed;

    public string Path { get; } = path;

    public long Start { get; } = start;

    /// <summary>Only what is on disk counts; the writer moves it after a sync.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    public long Bytes => End - Start;

    public bool Removed
    {
        get => _removed;
        set => _removed = value;
    }

    public static string PathFor(string folder, long start) =>
        System.IO.Path.Combine(folder, start.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    public static bool TryParseStart(string path, out long start)
    {
        start = 0;
        var name = System.IO.Path.GetFileNameWithoutExtension(path.AsSpan());
        return name.Length == NameDigits
            && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out start);
    }
}
