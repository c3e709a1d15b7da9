using System;
using System.Threading;
using nanoFramework.Runtime.Native;

namespace IoTGateway.Device.Boards
{
    /// <summary>The clocks of a real board.</summary>
    internal sealed class SystemClock : IClock
    {
        // A board wakes up in 1970: a wall clock before this project began was never set.
        private static readonly DateTime Earliest = new DateTime(2026, 1, 1);
        private const long TicksPerMillisecond = 10000;

        public bool IsSet
        {
            get { return DateTime.UtcNow > Earliest; }
        }

        public long SinceBootMs()
        {
            return Environment.TickCount64;
        }

        public long UnixMs()
        {
            return (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TicksPerMillisecond;
        }

        public void Set(long unixMs)
        {
            Rtc.SetSystemTime(new DateTime(DateTime.UnixEpoch.Ticks + unixMs * TicksPerMillisecond));
        }

        public void Wait(AutoResetEvent signal, int milliseconds)
        {
            signal.WaitOne(milliseconds, false);
        }

        public void Rest(int milliseconds)
        {
            Thread.Sleep(milliseconds);
        }
    }
}
