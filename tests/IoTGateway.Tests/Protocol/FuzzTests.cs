using IoTGateway.Fuzz;
using IoTGateway.Protocol;

namespace IoTGateway.Tests.Protocol;

public class FuzzTests
{
    [Fact]
    public void Two_hundred_thousand_spoilt_messages_never_throw_and_meet_every_refusal()
    {
        var seed = Random.Shared.Next();

        var report = FuzzRun.Run(200_000, seed);

        Assert.True(report.Failure is null, $"Again with: Fuzz --count 200000 --seed {seed}\n{report.Failure}");
        Assert.Equal(200_000, report.Counts.Sum());
        Assert.All(
            Enum.GetValues<DecodeError>(),
            error => Assert.True(report.Counts[(int)error] > 0, $"seed {seed} met no {error}")
        );
    }
}
