using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.History;

/// <summary>How the rows of a block are laid out: one sensor of one catalog, under a number of the history's own.</summary>
internal sealed record Layout(long Id, SensorDescription Sensor);
