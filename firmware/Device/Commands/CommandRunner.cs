using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Runs an id once. A gateway that did not hear the answer asks again and gets the same one, so a valve is not
    /// opened twice because a link broke.
    /// </summary>
    internal sealed class CommandRunner
    {
        private const int Remembered = 32;

        private readonly ICommandHandler[] _handlers;
        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly byte[][] _ids = new byte[Remembered][];
        private readonly CommandAnswer[] _answers = new CommandAnswer[Remembered];
        private int _next;

        public CommandRunner(ICommandHandler[] handlers, IBoard board, Counters counters)
        {
            _handlers = handlers;
            _board = board;
            _counters = counters;
        }

        /// <summary>
        /// <paramref name="arrivedMs"/> is when its bytes came in, by the clock since boot: the time to live runs from
        /// there, and a command that waited too long for us is not run.
        /// </summary>
        public CommandAnswer Run(Command command, long arrivedMs)
        {
            CommandAnswer known = Recall(command.Id);
            if (known != null)
            {
                _counters.CommandsRepeated++;
                return known;
            }

            CommandAnswer answer = Decide(command, arrivedMs);
            _ids[_next] = command.Id;
            _answers[_next] = answer;
            _next = (_next + 1) % Remembered;
            return answer;
        }

        private CommandAnswer Decide(Command command, long arrivedMs)
        {
            if (_board.Clock.SinceBootMs() - arrivedMs >= command.TtlMs)
            {
                _counters.CommandsExpired++;
                return CommandAnswer.Expired();
            }

            for (int i = 0; i < _handlers.Length; i++)
            {
                if (_handlers[i].Name == command.Name)
                    return Run(_handlers[i], command.Arguments);
            }

            _counters.CommandsRefused++;
            return CommandAnswer.Refused("no command " + command.Name + " here; this device knows " + Known());
        }

        private CommandAnswer Run(ICommandHandler handler, string arguments)
        {
            CommandAnswer answer;
            try
            {
                answer = handler.Run(arguments);
            }
            catch (Exception e)
            {
                answer = CommandAnswer.Failed(e.Message);
            }

            if (answer.Outcome == CommandOutcome.Refused)
                _counters.CommandsRefused++;
            else
                _counters.CommandsRun++;
            _counters.LastCommand = handler.Name + " " + arguments;
            return answer;
        }

        private CommandAnswer Recall(byte[] id)
        {
            for (int i = 0; i < Remembered; i++)
            {
                if (_ids[i] != null && Same(_ids[i], id))
                    return _answers[i];
            }

            return null;
        }

        private string Known()
        {
            string names = "";
            for (int i = 0; i < _handlers.Length; i++)
                names += (i == 0 ? "" : ", ") + _handlers[i].Name;
            return names;
        }

        private static bool Same(byte[] a, byte[] b)
        {
            for (int i = 0; i < ProtocolLimits.CommandIdBytes; i++)
            {
                if (a[i] != b[i])
                    return false;
            }

            return true;
        }
    }
}
