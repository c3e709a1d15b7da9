using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// The last 32 ids with their answers, in RAM and in flash: a command that rebooted the board, or was cut short by one,
    /// is answered when it comes again and not run again. One file, written whole: per entry id, outcome and JSON, oldest
    /// first, then the CRC-32 of it all.
    /// </summary>
    internal sealed class CommandMemory
    {
        public const int Remembered = 32;
        private const string Path = @"I:\commands";
        private const string NextPath = @"I:\commands.new";

        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly byte[][] _ids = new byte[Remembered][];
        private readonly CommandAnswer[] _answers = new CommandAnswer[Remembered];
        private int _next;

        public CommandMemory(IBoard board, Counters counters)
        {
            _board = board;
            _counters = counters;
            // A power cut leaves at most one of the two half written; the new one is only ever ahead.
            if (!TryRestore(NextPath))
                TryRestore(Path);
        }

        public CommandAnswer Recall(byte[] id)
        {
            int at = Find(id);
            return at < 0 ? null : _answers[at];
        }

        /// <summary>In flash when this returns, unless the flash is broken: then RAM must do.</summary>
        public void Remember(byte[] id, CommandAnswer answer)
        {
            int at = Find(id);
            if (at < 0)
            {
                at = _next;
                _next = (_next + 1) % Remembered;
            }

            _ids[at] = id;
            _answers[at] = answer;
            Save();
        }

        private int Find(byte[] id)
        {
            for (int i = 0; i < Remembered; i++)
            {
                if (_ids[i] != null && Same(_ids[i], id))
                    return i;
            }

            return -1;
        }

        private void Save()
        {
            byte[] file = Encode();
            try
            {
                File.WriteAllBytes(NextPath, file);
                File.WriteAllBytes(Path, file);
                File.Delete(NextPath);
                _counters.FlashBytesWritten += 2 * file.Length;
            }
            catch (Exception e)
            {
                _board.Log("commands: flash refused their memory: " + e.Message);
            }
        }

        private byte[] Encode()
        {
            int most = 4;
            for (int i = 0; i < Remembered; i++)
                most += _ids[i] == null ? 0 : ProtocolLimits.CommandIdBytes + 3 + 3 * _answers[i].Json.Length;
            WireWriter writer = new WireWriter(most);
            for (int i = 0; i < Remembered; i++)
            {
                int at = (_next + i) % Remembered;
                if (_ids[at] == null)
                    continue;
                writer.Bytes(_ids[at], 0, ProtocolLimits.CommandIdBytes);
                writer.U8(_answers[at].Outcome);
                writer.Str(_answers[at].Json);
            }

            writer.U32(Crc32.Compute(writer.Buffer, 0, writer.Length));
            return writer.ToArray();
        }

        private bool TryRestore(string path)
        {
            byte[] file = FlashFile.Read(path);
            if (file == null || file.Length < 4)
                return false;

            int end = file.Length - 4;
            if (Crc32.Compute(file, 0, end) != BitConverter.ToUInt32(file, end))
                return false;

            WireReader reader = new WireReader();
            reader.Reset(file, 0, end);
            while (reader.Remaining > 0 && _next < Remembered)
            {
                _ids[_next] = reader.Bytes(ProtocolLimits.CommandIdBytes);
                byte outcome = reader.U8();
                _answers[_next++] = CommandAnswer.Restored(outcome, reader.Str());
            }

            _next %= Remembered;
            return true;
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
