using IoTGateway.Hardware;

// dotnet run --project hardware/tool: checks the sensor node's pins on every board and draws its wiring.
var hardware = args.Length > 0 ? args[0] : "hardware";
var node = SensorNode.Read(hardware);
var sound = true;
foreach (var board in Board.All(hardware))
{
    var problems = PinRules.Problems(board, node.UsesOn(board));
    foreach (var problem in problems)
        Console.Error.WriteLine($"{board.Name}: {problem}");
    sound &= problems.Count == 0;
    if (problems.Count > 0)
        continue;

    var file = Path.Combine(hardware, "sensor-node", $"wiring-{board.Name}.svg");
    File.WriteAllText(file, WiringDrawing.Draw(board, node));
    Console.WriteLine(file);
}

return sound ? 0 : 1;
