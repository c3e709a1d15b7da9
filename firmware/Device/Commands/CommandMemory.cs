using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// The last 32 ids with their answers, in RAM and in flash: a command that rebooted the board, or was cut short by one,
    /// is answered when it comes again and not run again. A ring of 32 places with two small files each: "begun" is
    /// written before a command runs, "done" with its answer after. The one is never written over while the other has to
    /// speak for the same id, so a write that the power cuts short loses no id.
    /// </summary>
    internal sealed class CommandMemory
    {
        public const int Remembered = 32;

        /// <summary>Order of the entry, id; the answer where it is done; CRC-32.</summary>
        private const int HeadBytes = 4 + ProtocolLimits.CommandIdBytes;

        private static readonly CommandAnswer Interrupted = CommandAnswer.Failed(
            "interrupted by a restart of the device; look what it did before you send it again"
        );

        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly byte[][] _ids = new byte[Remembered][];
        private readonly CommandAnswer[] _answers = new CommandAnswer[Remembered];

        /// <summary>0 for a free place. It would take a command a second 136 years to come around.</summary>
        private readonly uint[] _orders = new uint[Remembered];
        private uint _newest;
        private int _next;

        public CommandMemory(IBoard board, Counters counters)
        {
            _board = board;
            _counters = counters;
            for (int place = 0; place < Remembered; place++)
            {
                Restore(place, BegunPath(place), false);
                Restore(place, DonePath(place), true);
                if (_orders[place] <= _newest)
                    continue;
                _newest = _orders[place];
                _next = (place + 1) % Remembered;
            }
        }

        public CommandAnswer Recall(byte[] id)
        {
            int at = Find(id);
            return at < 0 ? null : _answers[at];
        }

        /// <summary>In flash when this returns true; false where the flash is broken or full, and the command must not run.</summary>
        public bool TryBegin(byte[] id)
        {
            int at = Enter(id, Interrupted);
            WireWriter file = new WireWriter(HeadBytes + 4);
            WriteHead(file, at);
            return Save(BegunPath(at), file);
        }

        /// <summary>In flash when this returns, unless the flash is broken: then RAM must do.</summary>
        public void Remember(byte[] id, CommandAnswer answer)
        {
            int at = Find(id);
            if (at < 0)
                at = Enter(id, answer);
            _answers[at] = answer;
            WireWriter file = new WireWriter(HeadBytes + 1 + 3 + 3 * answer.Json.Length + 4);
            WriteHead(file, at);
            file.U8(answer.Outcome);
            file.Str(answer.Json);
            Save(DonePath(at), file);
        }

        private int Enter(byte[] id, CommandAnswer answer)
        {
            int at = _next;
            _next = (_next + 1) % Remembered;
            _newest++;
            _ids[at] = id;
            _answers[at] = answer;
            _orders[at] = _newest;
            return at;
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

        private void WriteHead(WireWriter file, int place)
        {
            file.U32(_orders[place]);
            file.Bytes(_ids[place], 0, ProtocolLimits.CommandIdBytes);
        }

        private bool Save(string path, WireWriter file)
        {
            file.U32(Crc32.Compute(file.Buffer, 0, file.Length));
            try
            {
                File.WriteAllBytes(path, file.ToArray());
                _counters.FlashBytesWritten += file.Length;
                return true;
            }
            catch (Exception e)
            {
                _board.Log("commands: flash refused their memory: " + e.Message);
                return false;
            }
        }

        /// <summary>The later of the two files speaks for a place; of the same entry, "done" does.</summary>
        private void Restore(int place, string path, bool done)
        {
            byte[] file = FlashFile.Read(path);
            if (file == null || file.Length < HeadBytes + 4)
                return;

            int end = file.Length - 4;
            if (Crc32.Compute(file, 0, end) != BitConverter.ToUInt32(file, end))
                return;

            WireReader reader = new WireReader();
            reader.Reset(file, 0, end);
            uint order = reader.U32();
            if (order < _orders[place])
                return;

            _orders[place] = order;
            _ids[place] = reader.Bytes(ProtocolLimits.CommandIdBytes);
            _answers[place] = Interrupted;
            if (!done)
                return;
            byte outcome = reader.U8();
            _answers[place] = CommandAnswer.Restored(outcome, reader.Str());
        }

        private static string BegunPath(int place)
        {
            return @"I:\command" + place + ".begun";
        }

        private static string DonePath(int place)
        {
            return @"I:\command" + place + ".done";
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
