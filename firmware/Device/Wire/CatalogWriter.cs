using IoTGateway.Device.Commands;
using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Wire
{
    /// <summary>Writes CATALOG: how the device describes itself, so that the gateway needs no driver for it.</summary>
    internal static class CatalogWriter
    {
        /// <summary>A sensor's id is its place in <paramref name="sensors"/>.</summary>
        public static void Write(WireWriter writer, ISensor[] sensors, ICommandHandler[] commands)
        {
            writer.Clear();
            writer.U8(MessageType.Catalog);
            writer.Varint((ulong)sensors.Length);
            for (int id = 0; id < sensors.Length; id++)
                WriteSensor(writer, (byte)id, sensors[id].Measurement, sensors[id].Fields);

            writer.Varint((ulong)commands.Length);
            for (int i = 0; i < commands.Length; i++)
            {
                writer.Str(commands[i].Name);
                writer.Str(commands[i].Schema);
            }
        }

        public static void WriteSensor(WireWriter writer, byte id, string measurement, Field[] fields)
        {
            writer.U8(id);
            writer.Str(measurement);
            writer.Varint((ulong)fields.Length);
            for (int f = 0; f < fields.Length; f++)
                Write(writer, fields[f]);
        }

        private static void Write(WireWriter writer, Field field)
        {
            writer.Str(field.Name);
            writer.Str(field.Unit);
            writer.U8(field.Type);
            writer.U8((byte)field.Exponent);
        }
    }
}
