using System;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// Exponential backoff with full jitter: after a gateway's restart its devices come back spread over the whole
    /// interval, not in one wave per doubling.
    /// </summary>
    internal sealed class Backoff
    {
        private readonly Random _random;
        private readonly LinkTimings _timings;
        private int _failures;

        public Backoff(Random random, LinkTimings timings)
        {
            _random = random;
            _timings = timings;
        }

        /// <summary>The next wait, never under what RETRY_AFTER asked for.</summary>
        public long NextMs(long notBeforeMs)
        {
            long ceiling = _timings.BackoffBaseMs;
            for (int i = 0; i < _failures && ceiling < _timings.BackoffCapMs; i++)
                ceiling *= 2;
            if (ceiling > _timings.BackoffCapMs)
                ceiling = _timings.BackoffCapMs;
            _failures++;
            return notBeforeMs + _random.Next((int)ceiling + 1);
        }

        /// <summary>A link counts as good once it acknowledged something: one that opens and dies at once does not.</summary>
        public void Succeeded()
        {
            _failures = 0;
        }
    }
}
