namespace IoTGateway.Device.Commands
{
    /// <summary>One command this device knows. It is offered to people through CATALOG.</summary>
    internal interface ICommandHandler
    {
        string Name { get; }

        /// <summary>JSON Schema of the arguments, from which the dashboard makes its form.</summary>
        string Schema { get; }

        /// <summary>
        /// Runs on the device's one thread, so it is short. Arguments it cannot take are an answer
        /// (<see cref="CommandAnswer.Refused"/>), not an exception.
        /// </summary>
        CommandAnswer Run(string arguments);
    }

    internal static class CommandOutcome
    {
        public const byte Succeeded = 1;
        public const byte Failed = 2;
        public const byte Refused = 3;
        public const byte Expired = 4;
    }

    internal sealed class CommandAnswer
    {
        public readonly byte Outcome;
        public readonly string Json;

        /// <summary>Once this answer is on its way, the board goes down. Not remembered: what is repeated never does.</summary>
        public readonly bool Reboots;

        // Thirty-two answers are kept in RAM and in flash.
        private const int LongestError = 200;

        private CommandAnswer(byte outcome, string json, bool reboots)
        {
            Outcome = outcome;
            Json = json;
            Reboots = reboots;
        }

        public static CommandAnswer SucceededThenReboot(string json)
        {
            return new CommandAnswer(CommandOutcome.Succeeded, json, true);
        }

        /// <summary>As an earlier boot gave it.</summary>
        public static CommandAnswer Restored(byte outcome, string json)
        {
            return new CommandAnswer(outcome, json, false);
        }

        public static CommandAnswer Succeeded(string json)
        {
            return new CommandAnswer(CommandOutcome.Succeeded, json, false);
        }

        public static CommandAnswer Failed(string error)
        {
            return new CommandAnswer(CommandOutcome.Failed, JsonText.Error(Short(error)), false);
        }

        public static CommandAnswer Refused(string error)
        {
            return new CommandAnswer(CommandOutcome.Refused, JsonText.Error(Short(error)), false);
        }

        public static CommandAnswer Expired()
        {
            return new CommandAnswer(
                CommandOutcome.Expired,
                JsonText.Error("its time to live had passed; send it again"),
                false
            );
        }

        private static string Short(string error)
        {
            return error.Length > LongestError ? error.Substring(0, LongestError) : error;
        }
    }
}
