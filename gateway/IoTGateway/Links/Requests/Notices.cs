namespace IoTGateway.Links.Requests;

/// <summary>
/// What a device was told and has not answered. It is told again after a while: an answer may be lost, and nobody knows.
/// </summary>
internal sealed class Notices(TimeProvider time)
{
    /// <summary>A device that works on a command must not hear it in each answer meanwhile.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<Notice, long> _told = [];
    private uint _settledSettings;

    /// <summary>When something may be told again; null for nothing.</summary>
    public TimeSpan? UntilAgain
    {
        get
        {
            lock (_lock)
                return _told.Count == 0 ? null : Again - time.GetElapsedTime(_told.Values.Min());
        }
    }

    /// <summary>Whether to tell this now.</summary>
    public bool IsDue(Notice notice)
    {
        lock (_lock)
            return !_told.ContainsKey(notice) && (notice.Settings == 0 || notice.Settings != _settledSettings);
    }

    /// <summary>The device has answered.</summary>
    public void Settle(Notice notice)
    {
        lock (_lock)
        {
            _told.Remove(notice);
            if (notice.Settings != 0)
                _settledSettings = notice.Settings;
        }
    }

    /// <summary>These go out.</summary>
    public void Told(IEnumerable<Notice> notices)
    {
        lock (_lock)
        {
            foreach (var notice in notices)
                _told[notice] = time.GetTimestamp();
        }
    }

    /// <summary>These did not.</summary>
    public void TakeBack(IEnumerable<Notice> notices)
    {
        lock (_lock)
        {
            foreach (var notice in notices)
                _told.Remove(notice);
        }
    }

    /// <summary>What was told long enough ago may be told again.</summary>
    public void ForgetOld()
    {
        lock (_lock)
        {
            foreach (var (notice, at) in _told)
            {
                if (time.GetElapsedTime(at) >= Again)
                    _told.Remove(notice);
            }
        }
    }
}
