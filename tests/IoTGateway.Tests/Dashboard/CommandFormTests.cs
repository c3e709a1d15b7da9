using IoTGateway.Dashboard.Device;
using IoTGateway.Protocol.Messages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace IoTGateway.Tests.Dashboard;

public sealed class CommandFormTests
{
    private const string Schema = """
        {"type":"object","required":["level"],"properties":{"on":{"type":"boolean"},
        "ms":{"type":"integer","minimum":10,"maximum":100},"level":{"enum":["low","high"]}}}
        """;

    [Fact]
    public void A_schema_becomes_fields_and_a_filled_form_becomes_arguments()
    {
        var form = CommandForm.Of(new CommandDescription("led", Schema));
        Assert.Equal(
            [ArgumentKind.YesNo, ArgumentKind.Whole, ArgumentKind.Choice],
            form.Arguments.Select(one => one.Kind)
        );
        Assert.Equal(
            """{"on":true,"ms":50,"level":"high"}""",
            form.Read(Filled(("on", "true"), ("ms", "50"), ("level", "high")), out _)
        );
        Assert.Equal("""{"on":false,"level":"low"}""", form.Read(Filled(("level", "low")), out _));
    }

    [Theory]
    [InlineData("ms", "9")]
    [InlineData("ms", "101")]
    [InlineData("ms", "many")]
    [InlineData("level", "middle")]
    public void What_the_schema_forbids_is_refused_by_name(string field, string text)
    {
        var form = CommandForm.Of(new CommandDescription("led", Schema));
        Assert.Null(form.Read(Filled(("level", "low"), (field, text)), out var problem));
        Assert.Contains($"'{field}'", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"object","maxProperties":0}""", 0)]
    [InlineData("", 1)]
    [InlineData("not JSON", 1)]
    [InlineData("""{"properties":{"x":{"type":"array"}}}""", 1)]
    public void What_no_form_can_ask_for_is_asked_as_JSON_and_nothing_as_a_button(string schema, int fields)
    {
        var form = CommandForm.Of(new CommandDescription("other", schema));
        Assert.Equal(fields, form.Arguments.Count);
        Assert.All(form.Arguments, argument => Assert.Equal(ArgumentKind.Json, argument.Kind));
    }

    private static FormCollection Filled(params (string Name, string Text)[] fields)
    {
        var all = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var (name, text) in fields)
            all[$"arg.{name}"] = text;
        return new FormCollection(all);
    }
}
