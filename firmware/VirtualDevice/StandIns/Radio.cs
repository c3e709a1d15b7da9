namespace IoTGateway.VirtualDevice.StandIns;

internal enum RadioState
{
    On,

    /// <summary>No connect succeeds, and what was open has ended.</summary>
    Off,

    /// <summary>No connect succeeds, and what is open carries nothing until the radio is on again: nobody has told it.</summary>
    Mute,
}

/// <summary>A device's Wi-Fi. It outlives the boots, where its owner hands it on.</summary>
internal sealed class Radio
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _heard = new();

    public Radio() => _heard.SetResult();

    /// <summary>What is open ends.</summary>
    public event Action? Lost;

    public RadioState State { get; private set; }

    /// <summary>Completed while it is on.</summary>
    public Task Heard
    {
        get
        {
            lock (_lock)
                return _heard.Task;
        }
    }

    public void Switch(RadioState state)
    {
        TaskCompletionSource? heard = null;
        lock (_lock)
        {
            if (State == RadioState.On && state != RadioState.On)
                _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
            else if (state == RadioState.On)
                heard = _heard;
            State = state;
        }

        heard?.TrySetResult();
        if (state == RadioState.Off)
            Lost?.Invoke();
    }
}
