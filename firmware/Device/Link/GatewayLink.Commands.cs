using IoTGateway.Device.Commands;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private bool TakeCommand(long arrivedMs)
        {
            Command command = new Command();
            if (!command.TryRead(_reader))
                return false;

            CommandAnswer answer = _commands.Run(command, arrivedMs);
            DeviceMessages.CommandResult(_scratch, command.Id, answer.Outcome, answer.Json);
            SendScratch();
            _desired.Save();
            SendReport();
            _log.Write(LogLevel.Information, "command", command.Name + ": outcome " + answer.Outcome);
            if (answer.Reboots)
                Reboot();
            return true;
        }

        private bool TakeDesired()
        {
            Desired desired = new Desired();
            if (!desired.TryRead(_reader))
                return false;

            _desired.Apply(desired);
            _lastReport = null;
            SendReport();
            return true;
        }
    }
}
