using IoTGateway.Hardware;

// dotnet run --project hardware/tool: checks the sensor node's pins on every board, draws its wiring and writes the
// firmware's pins.
var repository = args.Length > 0 ? args[0] : ".";
var hardware = Path.Combine(repository, "hardware");
var boards = Board.All(hardware);
var node = SensorNode.Read(hardware);
var problems = boards.SelectMany(b => node.ProblemsOn(b).Select(p => $"{b.Name}: {p}")).ToList();
foreach (var problem in problems)
    Console.Error.WriteLine(problem);
if (problems.Count > 0)
    return 1;

foreach (var file in WrittenFile.All(boards, node))
{
    File.WriteAllText(Path.Combine(repository, file.Path), file.Text);
    Console.WriteLine(file.Path);
}

return 0;
