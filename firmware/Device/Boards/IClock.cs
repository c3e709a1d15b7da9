using System.Threading;

namespace IoTGateway.Device.Boards
{
    /// <summary>The board's two clocks. Its own seam, because a desktop runs many devices in one process.</summary>
    internal interface IClock
    {
        /// <summary>Milliseconds since boot; never goes back.</summary>
        long SinceBootMs();

        /// <summary>Whether the wall clock is known: by SNTP, by a battery, or from the gateway.</summary>
        bool IsSet { get; }

        /// <summary>Unix milliseconds; only meaningful when <see cref="IsSet"/>.</summary>
        long UnixMs();

        /// <summary>A time from the gateway, for a board that has no other.</summary>
        void Set(long unixMs);

        /// <summary>Until the signal or the time, whichever is first.</summary>
        void Wait(AutoResetEvent signal, int milliseconds);

        /// <summary>A rest the hardware needs.</summary>
        void Rest(int milliseconds);
    }
}
