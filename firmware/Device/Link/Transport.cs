namespace IoTGateway.Device.Link
{
    /// <summary>Which way messages go, by number and as people write it.</summary>
    internal static class Transport
    {
        /// <summary>The WebSocket, and long polling where that does not come through.</summary>
        public const byte Auto = 0;
        public const byte WebSocket = 1;
        public const byte LongPolling = 2;
        public const byte Polling = 3;

        public const string All = "auto, websocket, long-polling, polling";

        private static readonly string[] Names = new string[] { "auto", "websocket", "long-polling", "polling" };

        public static string Name(byte transport)
        {
            return Names[transport];
        }

        /// <summary>-1 for a word that is none.</summary>
        public static int Parse(string name)
        {
            for (int i = 0; i < Names.Length; i++)
            {
                if (Names[i] == name)
                    return i;
            }

            return -1;
        }
    }
}
