using FsCheck;
using FsCheck.Fluent;

namespace IoTGateway.Tests.Protocol;

/// <summary>Checks what must hold for every generated value; a failure's message names the seed to run it again with.</summary>
internal static class Holds
{
    public static void For<T>(Gen<T> values, int times, Action<T> assertion) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(values), assertion)
        );
}
