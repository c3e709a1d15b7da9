using IoTGateway.Admission;
using IoTGateway.Protocol;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>The data path allocates nothing for a reading.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Admission_allocates_nothing_once_it_is_warm()
    {
        var message = House.Telemetry(1, 1, House.Noon, [.. Enumerable.Range(0, 1000).Select(row => row * 0.37)]);
        var admitted = TelemetryAdmission.Check(message, House.Catalog);
        Assert.Equal((DecodeError.None, 1000, 2000), (admitted.Error, admitted.Rows, admitted.Readings));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            TelemetryAdmission.Check(message, House.Catalog);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
