using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace IoTGateway.Dashboard.Live;

/// <summary>Renders components to HTML. One for each frame: a renderer keeps what it has rendered until it goes.</summary>
internal sealed class PartRenderer(IServiceProvider services) : IAsyncDisposable
{
    private readonly HtmlRenderer _renderer = new(services, services.GetRequiredService<ILoggerFactory>());

    public Task<string> RenderAsync<TComponent>(params ReadOnlySpan<(string Name, object? Value)> parameters)
        where TComponent : IComponent
    {
        var values = new Dictionary<string, object?>(parameters.Length, StringComparer.Ordinal);
        foreach (var (name, value) in parameters)
            values[name] = value;
        return _renderer.Dispatcher.InvokeAsync(async () =>
            (await _renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(values))).ToHtmlString()
        );
    }

    public ValueTask DisposeAsync() => _renderer.DisposeAsync();
}
