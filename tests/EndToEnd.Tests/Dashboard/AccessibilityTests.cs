using System.Text.Json;
using Microsoft.Playwright;

namespace EndToEnd.Tests.Dashboard;

/// <summary>axe-core looks at every page, light and dark, wide and on a phone.</summary>
public sealed class AccessibilityTests(DashboardBed bed) : IClassFixture<DashboardBed>
{
    private static readonly string[] Pages = ["/", "/devices/greenhouse", "/alarms", "/health", "/keys", "/add"];

    [Fact]
    public async Task Axe_finds_no_serious_fault_on_any_page()
    {
        var axe = await AxeCore.ReadAsync();
        var faults = new List<string>();
        foreach (var (width, theme) in new[] { (1280, ColorScheme.Light), (390, ColorScheme.Dark) })
        {
            await using var visitor = await bed.SignInAsync(width: width, theme: theme);
            foreach (var path in Pages)
            {
                await visitor.Page.GotoAsync(path);
                var found = await visitor.Page.EvaluateAsync<JsonElement>(
                    $"(() => {{ {axe}; return axe.run(document, {{ resultTypes: ['violations'] }}); }})()"
                );
                foreach (var fault in found.GetProperty("violations").EnumerateArray())
                {
                    if (fault.GetProperty("impact").GetString() is "serious" or "critical")
                        faults.Add(
                            $"{path} {width} {theme}: {fault.GetProperty("help")} {fault.GetProperty("nodes")[0].GetProperty("html")}"
                        );
                }
            }
        }
        Assert.Empty(faults);
    }
}
