using System.Net.Sockets;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>
/// .NET's socket on a board's power: when that goes, the connection is reset and whoever reads from it is woken. The board's
/// defect with TLS is kept: the finalizer of one that is closed would close the next (LinkCures, 11).
/// </summary>
internal sealed class Socket : System.Net.Sockets.Socket
{
    private readonly Machine _machine = Machine.Current;
    private readonly CancellationTokenRegistration _power;
    private bool _isSecure;

    public Socket(AddressFamily addressFamily, SocketType socketType, ProtocolType protocolType)
        : base(addressFamily, socketType, protocolType)
    {
        NoDelay = true;
        _power = _machine.PowerOff.Register(Reset);
    }

    /// <summary>TLS was spoken over it.</summary>
    public void BecomesSecure()
    {
        _isSecure = true;
        if (_machine.OldSocket != OldSocket.Gone)
            Reset();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _power.Unregister();
            if (_isSecure)
                _machine.OldSocket = OldSocket.Garbage;
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
