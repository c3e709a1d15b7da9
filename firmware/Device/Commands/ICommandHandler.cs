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

        private CommandAnswer(byte outcome, string json)
        {
            Outcome = outcome;
            Json = json;
        }

        public static CommandAnswer Succeeded(string json)
        {
            return new CommandAnswer(CommandOutcome.Succeeded, json);
        }

        public static CommandAnswer Failed(string error)
        {
            return new CommandAnswer(CommandOutcome.Failed, JsonText.Error(error));
        }

        public static CommandAnswer Refused(string error)
        {
            return new CommandAnswer(CommandOutcome.Refused, JsonText.Error(error));
        }

        public static CommandAnswer Expired()
        {
            return new CommandAnswer(
                CommandOutcome.Expired,
                JsonText.Error("its time to live had passed; send it again")
            );
        }
    }
}
