using System.CommandLine;
using System.Text.Json;
using IoTGateway.Cli.Provisioning;

namespace IoTGateway.Cli;

internal static partial class ProvisionVerb
{
    private static void Print(
        ParseResult result,
        ProvisioningPlan plan,
        ProvisioningFiles files,
        IReadOnlyList<NanoffStep> steps,
        string said
    )
    {
        if (result.GetValue(GatewayOptions.Json))
        {
            var commands = steps.Select(step => step.Arguments.Prepend(NanoffStep.Program));
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        id = plan.Device,
                        folder = files.Folder,
                        commands,
                    },
                    JsonSerializerOptions.Web
                )
            );
            return;
        }
        Console.WriteLine(said);
        Console.WriteLine($"{files.Folder} has its files. They hold secrets: delete the folder when the board runs.");
        Console.WriteLine();
        if (plan.CaPem is null)
            Console.WriteLine("ws is not encrypted: token and readings are plain on the network.\n");
        if (plan.Port is not null)
            return;
        Console.WriteLine("Next, in this order; --flash PORT runs them:");
        foreach (var step in steps)
            Console.WriteLine($"  {step.CommandLine}");
    }

    private static async Task<int> FlashAsync(
        ParseResult result,
        IReadOnlyList<NanoffStep> steps,
        ProvisioningFiles files,
        CancellationToken ending
    )
    {
        var console = result.GetValue(GatewayOptions.Json) ? Console.Error : Console.Out;
        var state = ProvisioningState.Load(files.State);
        var done = state.CountDone(steps);
        if (done == steps.Count)
        {
            await console.WriteLineAsync($"All steps are done. To do them again, delete {files.State}.");
            return 0;
        }
        for (var i = done; i < steps.Count; i++)
        {
            await console.WriteLineAsync($"Step {i + 1} of {steps.Count}: {steps[i].Title}\n  {steps[i].CommandLine}");
            // From here on the board is no longer what the steps before left: erasing takes all of them.
            state.Save(steps, i);
            var run = await NanoffRun.OfAsync(steps[i], console, ending);
            if (!NanoffExit.Succeeded(run.ExitCode, run.Output))
            {
                await Console.Error.WriteLineAsync(
                    $"{NanoffExit.Explain(run.ExitCode, run.Output)}\nThe same command again goes on with step {i + 1}."
                );
                return CommandLine.Failed;
            }
            state.Save(steps, i + 1);
        }
        await console.WriteLineAsync(
            "The board has everything. Press its reset button; 'iotgw device list' shows it online within a minute."
        );
        return 0;
    }
}
