using System.Net;

namespace IoTGateway.Links;

/// <summary><c>Listen:*</c>: where the gateway listens.</summary>
internal sealed class ListenOptions
{
    /// <summary>Port for wss, API and dashboard; 0 turns it off, -1 takes any free port.</summary>
    public int Https { get; set; } = 8443;

    /// <summary>Port for ws and API on loopback only; 0 turns it off, -1 takes any free port.</summary>
    public int Http { get; set; } = 8080;

    /// <summary>Address for <see cref="Https"/>; empty or <c>*</c> for all interfaces.</summary>
    public string Address { get; set; } = "*";

    /// <summary>On Linux one loop on epoll serves many connections; without it, as elsewhere, the platform's sockets do.</summary>
    public bool Epoll { get; set; } = true;

    public bool IsAnyAddress => Address is "" or "*";

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.Range("Listen:Https", Https, -1, 65_535),
            Setting.Range("Listen:Http", Http, -1, 65_535),
            Setting.That(
                Https != 0 || Http != 0,
                "Listen:Https and Listen:Http are both 0: nobody could reach the gateway."
            ),
            Setting.That(
                IsAnyAddress || IPAddress.TryParse(Address, out _),
                $"Listen:Address is '{Address}': give an IP address of this machine, or * for all."
            )
        );
}
