using System;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// Asks the gateway why it would not shake hands (cure 4): the stock client throws the status away, and GET /v1/doctor
    /// says what the handshake would be answered and why. One request over a connection of its own, answered into a fixed
    /// buffer.
    /// </summary>
    internal sealed class Doctor
    {
        // A gateway that refuses a thousand boards must not be asked a thousand times a second why.
        private const int AskEvery = 10;
        private const int TimeoutMs = 5000;
        private const int AnswerBytes = 1024;

        // What GET /v1/doctor has where the handshake would succeed (PROTOCOL.md, Doctor).
        private const string Fine = "\"status\":101";

        private readonly DeviceSettings _settings;
        private readonly IBoard _board;
        private int _failures;

        public Doctor(DeviceSettings settings, IBoard board)
        {
            _settings = settings;
            _board = board;
        }

        /// <summary>
        /// So often in a row the gateway had nothing against a handshake that had just failed: something in between breaks it.
        /// </summary>
        public int FineInARow { get; private set; }

        /// <summary>" (the doctor says …)", or nothing. Never throws: it is called where another failure is being told.</summary>
        public string Ask()
        {
            // Whoever has been told that it should have worked asks again at once, until it is sure.
            bool suspects = FineInARow > 0 && FineInARow < _settings.Timings.BrokenHandshakesBeforePolling;
            if (_failures++ % AskEvery != 0 && !suspects)
                return "";

            HttpExchange http = new HttpExchange(_settings, _board);
            bool fine = false;
            try
            {
                // A TLS connection right behind another one that failed.
                http.Reopen();
                http.SendGet("/v1/doctor");
                http.ReadHead(TimeoutMs);
                string answer = http.ReadText(new byte[AnswerBytes]);
                fine = http.Status == 200 && answer.IndexOf(Fine) >= 0;
                return " (the doctor says: " + http.StatusLine + " " + answer + ")";
            }
            catch (Exception e)
            {
                return " (the doctor cannot be asked: " + e.Message + ")";
            }
            finally
            {
                http.Close();
                FineInARow = fine ? FineInARow + 1 : 0;
            }
        }

        /// <summary>A link has opened: the next failure is a new one.</summary>
        public void Recovered()
        {
            _failures = 0;
            FineInARow = 0;
        }
    }
}
