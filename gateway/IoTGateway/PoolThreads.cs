using IoTGateway.Links;

namespace IoTGateway;

/// <summary>
/// A link is served by the very thread that learns from the system that something has come: waking another for each message
/// costs more than the message. So whoever may wait for a disk must not stay on that thread: requests of people and programs
/// run on the pool, and so does what follows an answer of a database.
/// </summary>
internal static class PoolThreads
{
    /// <summary>Read once by the platform, when the first socket is made.</summary>
    private const string InlineSetting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Has sockets served by the threads that wait for them, unless the environment says otherwise.</summary>
    public static void ServeSocketsInline()
    {
        if (Environment.GetEnvironmentVariable(InlineSetting) is null)
            Environment.SetEnvironmentVariable(InlineSetting, "1");
    }

    /// <summary>Runs every request but a link's on the pool, before and after each await.</summary>
    public static IApplicationBuilder UsePoolThreads(this WebApplication app) =>
        app.Use(next => context => LinkEndpoint.IsLink(context.Request) ? next(context) : RunAsync(next, context));

    private static async Task RunAsync(RequestDelegate next, HttpContext context)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        // The pool takes it from the thread again, when this part of the request has run.
        SynchronizationContext.SetSynchronizationContext(PoolContext.Instance);
        await next(context);
    }

    private sealed class PoolContext : SynchronizationContext
    {
        public static readonly PoolContext Instance = new();

        public override void Post(SendOrPostCallback callback, object? state) =>
            ThreadPool.UnsafeQueueUserWorkItem(
                static work =>
                {
                    SetSynchronizationContext(Instance);
                    work.callback(work.state);
                },
                (callback, state),
                preferLocal: true
            );

        public override void Send(SendOrPostCallback callback, object? state) => callback(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
