using System.Net.Sockets;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>
/// .NET's socket on a board's power and radio: when one goes, the connection is reset and whoever reads from it is woken. The
/// board's defect with TLS is kept: the finalizer of one that is closed would close the next (LinkCures, 11).
/// </summary>
internal sealed class Socket : System.Net.Sockets.Socket
{
    private readonly Machine _machine = Machine.Current;
    private readonly CancellationTokenRegistration _power;
    private readonly CancellationTokenSource _closed = new();
    private bool _isSecure;

    public Socket(AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        : base(addressFamily, socketType, protocolType)
    {
        NoDelay = true;
        _power = _machine.PowerOff.Register(Reset);
        _machine.Radio.Lost += Reset;
        if (_machine.Radio.State != RadioState.On)
            Reset();
    }

    /// <summary>Cancelled when it is closed, by whomever.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>TLS was spoken over it.</summary>
    public void BecomesSecure()
    {
        _isSecure = true;
        _machine.Hold(Machine.TlsBytes);
        if (_machine.OldSocket != OldSocket.Gone)
            Reset();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _power.Unregister();
            _machine.Radio.Lost -= Reset;
            _closed.Cancel();
            if (_isSecure)
            {
                _machine.OldSocket = OldSocket.Garbage;
                _machine.Hold(-Machine.TlsBytes);
                _isSecure = false;
            }
        }

        base.Dispose(disposing);
    }

    private void Reset()
    {
        try
        {
            LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed already.
        }

        Close();
    }
}
