namespace IoTGateway.Device.Commands
{
    /// <summary>The levels of LOG by name, as people write them.</summary>
    internal static class LogLevels
    {
        public const string All = "trace, debug, information, warning, error, critical";

        private static readonly string[] Names = new string[]
        {
            "trace",
            "debug",
            "information",
            "warning",
            "error",
            "critical",
        };

        public static string Name(byte level)
        {
            return Names[level];
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
