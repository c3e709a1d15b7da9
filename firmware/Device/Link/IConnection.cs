namespace IoTGateway.Device.Link
{
    /// <summary>
    /// One attempt at one way to the gateway, and what came of it: a WebSocket, or requests one behind the other. What it does on
    /// threads of its own ends in a flag or in the inbox.
    /// </summary>
    internal interface IConnection
    {
        Inbox Inbox { get; }

        bool Connecting { get; }

        bool Open { get; }

        /// <summary>Why it is not open, for the log.</summary>
        string Failure { get; }

        /// <summary>So many WebSockets in a row did not come about although the doctor says that they should.</summary>
        bool HandshakeBroken { get; }

        bool SawFragment { get; }

        /// <summary>No sooner than this the gateway wants to be asked again, as its refusal said; 0 for nothing.</summary>
        long RetryAfterMs { get; }

        /// <summary>
        /// It goes by requests (PROTOCOL.md, HTTP): each begins with HELLO and settles all that it brings, and between two answers
        /// nothing comes.
        /// </summary>
        bool Asks { get; }

        void Begin();

        /// <summary>
        /// Milliseconds until it takes messages: 0 is now. While a request is under way that is until its answer must have come;
        /// the answer wakes us before.
        /// </summary>
        int BusyMs(long now);

        /// <summary>
        /// Gives it an array that nobody needs any more: the stock client scribbles on it (cure 1), and a request keeps it.
        /// </summary>
        void Send(byte[] fresh);

        /// <summary>
        /// All that there is to say for now was given: a request goes out, under this HELLO. Its answer may be held for so long.
        /// </summary>
        void Ask(byte[] hello, int waitSeconds);

        /// <summary>Whether something was given since the last request.</summary>
        bool HasUnasked { get; }

        /// <summary>An answer that is held is not waited for any longer: there is something to say.</summary>
        void Hurry();

        /// <summary>Ends it, whatever state it is in, any number of times.</summary>
        void End();
    }
}
