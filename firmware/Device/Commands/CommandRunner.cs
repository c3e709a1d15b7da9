using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Runs an id once. A gateway that did not hear the answer asks again and gets the same one, so a valve is not
    /// opened twice because a link broke, nor because the board rebooted.
    /// </summary>
    internal sealed class CommandRunner
    {
        private readonly ICommandHandler[] _handlers;
        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly CommandMemory _memory;

        public CommandRunner(ICommandHandler[] handlers, IBoard board, Counters counters)
        {
            _handlers = handlers;
            _board = board;
            _counters = counters;
            _memory = new CommandMemory(board, counters);
        }

        /// <summary>
        /// <paramref name="arrivedMs"/> is when its bytes came in, by the clock since boot: the time to live runs from
        /// there, and a command that waited too long for us is not run.
        /// </summary>
        public CommandAnswer Run(Command command, long arrivedMs)
        {
            CommandAnswer known = _memory.Recall(command.Id);
            if (known != null)
            {
                _counters.CommandsRepeated++;
                return known;
            }

            CommandAnswer answer = Decide(command, arrivedMs);
            _memory.Remember(command.Id, answer);
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
                if (_handlers[i].Name != command.Name)
                    continue;
                // In flash before it runs: should the power go in the middle, it is not run a second time.
                if (_memory.TryBegin(command.Id))
                    return Run(_handlers[i], command.Arguments);

                _counters.CommandsRefused++;
                return CommandAnswer.Refused("flash does not take its id, so it might run twice; nothing was done");
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

        private string Known()
        {
            string names = "";
            for (int i = 0; i < _handlers.Length; i++)
                names += (i == 0 ? "" : ", ") + _handlers[i].Name;
            return names;
        }
    }
}
