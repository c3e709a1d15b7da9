using System;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// Asks the gateway why it would not shake hands (cure 4): the stock client throws the status away. GET /v1/doctor
    /// answers 200 with a JSON that says it.
    /// </summary>
    internal sealed class Doctor
    {
        public Doctor(DeviceSettings settings, IBoard board) { }

        public string Ask()
        {
            return "";
        }
    }
}
