using System.Diagnostics;

namespace IoTGateway.Commands;

/// <summary>
/// <c>Diagnostics:KillAt</c>: the process kills itself at a step that a test names, as <c>kill -9</c> from outside would
/// if it were that precise. Off unless it is set.
/// </summary>
internal sealed class CrashPoints(Links.DiagnosticsOptions options)
{
    public void Pass<T>(List<T> steps, Func<T, CrashPoint> pointOf)
    {
        if (options.KillAt != CrashPoint.None && steps.Exists(step => pointOf(step) == options.KillAt))
            Die();
    }

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        // Nothing after the step may happen while the signal is on its way.
        self.WaitForExit();
    }
}

/// <summary>Steps of a command at which a test can let the gateway die.</summary>
internal enum CrashPoint
{
    None,

    /// <summary>A command is decided on and not on disk; nobody knows of it.</summary>
    CommandBeforeCommit,

    /// <summary>It is on disk; neither caller nor device has heard.</summary>
    CommandAfterCommit,

    /// <summary>It was handed to the link.</summary>
    CommandAfterSend,

    /// <summary>The device's result is here and not on disk.</summary>
    ResultBeforeCommit,

    /// <summary>The result is on disk; nobody has heard of it.</summary>
    ResultAfterCommit,

    /// <summary>A device has come; that what waited for it goes out is not on disk.</summary>
    DeliverBeforeCommit,

    /// <summary>It is on disk, and not on the link.</summary>
    DeliverAfterCommit,

    /// <summary>It was handed to the link.</summary>
    DeliverAfterSend,

    /// <summary>A command is taken back, and that is not on disk.</summary>
    CancelBeforeCommit,

    /// <summary>It is on disk; nobody has heard of it.</summary>
    CancelAfterCommit,

    /// <summary>A command has lived its time, and that is not on disk.</summary>
    ExpireBeforeCommit,

    /// <summary>It is on disk; nobody has heard of it.</summary>
    ExpireAfterCommit,
}
