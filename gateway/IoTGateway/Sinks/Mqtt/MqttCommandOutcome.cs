using IoTGateway.Commands;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>What became of a message on a command topic.</summary>
internal enum MqttCommandOutcome
{
    /// <summary>A command, on disk.</summary>
    Taken,

    /// <summary>One that is known already: the same id, or a delivery that came again.</summary>
    Repeated,

    /// <summary>The broker had kept it from before: a ghost.</summary>
    Retained,

    /// <summary>More bytes than any command has.</summary>
    TooLarge,

    /// <summary>No JSON object, or a name, an id or a time to live that is not allowed.</summary>
    Malformed,

    /// <summary>There is no such device.</summary>
    UnknownDevice,

    /// <summary>The id names a command that says something else.</summary>
    IdReused,

    /// <summary>As many wait for the device as may.</summary>
    TooMany,

    /// <summary>The disk does not take it, or the gateway stops.</summary>
    Unavailable,
}

internal static class MqttCommandOutcomes
{
    public static MqttCommandOutcome Of(SubmissionOutcome outcome) =>
        outcome switch
        {
            SubmissionOutcome.Taken => MqttCommandOutcome.Taken,
            SubmissionOutcome.Repeated => MqttCommandOutcome.Repeated,
            SubmissionOutcome.Invalid => MqttCommandOutcome.Malformed,
            SubmissionOutcome.UnknownDevice => MqttCommandOutcome.UnknownDevice,
            SubmissionOutcome.KeyReused => MqttCommandOutcome.IdReused,
            SubmissionOutcome.TooMany => MqttCommandOutcome.TooMany,
            _ => MqttCommandOutcome.Unavailable,
        };
}
