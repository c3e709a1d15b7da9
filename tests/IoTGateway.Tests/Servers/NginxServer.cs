namespace IoTGateway.Tests.Servers;

/// <summary>nginx as Debian ships it, in front of a gateway, without a service manager.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private const string Binary = "/usr/sbin/nginx";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-nginx-").FullName;
    private readonly int _tlsPort = ServerProcess.FreePort();
    private readonly Uri _gateway;
    private readonly string? _certificates;
    private ServerProcess? _process;

    private NginxServer(Uri gateway, string? certificates) => (_gateway, _certificates) = (gateway, certificates);

    public Uri Url { get; } = new($"http://127.0.0.1:{ServerProcess.FreePort()}/");

    /// <summary>Where devices connect over its TLS.</summary>
    public Uri Link => new($"wss://localhost:{_tlsPort}/v1/link");

    /// <param name="gateway">Where it passes requests on to.</param>
    /// <param name="passesUpgrades">Whether it has the lines that nginx needs for WebSockets.</param>
    /// <param name="certificates">A folder with server.pem and server.key, for TLS in front; null for none.</param>
    public static async Task<NginxServer> StartAsync(Uri gateway, bool passesUpgrades, string? certificates = null)
    {
        ServerProcess.Require(Binary, "nginx-light");
        var server = new NginxServer(gateway, certificates);
        await server.RestartAsync(passesUpgrades);
        return server;
    }

    /// <summary>On the same ports, as after an administrator has changed its configuration.</summary>
    public async Task RestartAsync(bool passesUpgrades)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        var config = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(config, Config(passesUpgrades));
        _process = await ServerProcess.StartAsync(
            Binary,
            ["-c", config, "-p", _folder, "-e", "stderr"],
            new Uri(Url, "/healthz")
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Config(bool passesUpgrades) =>
        $$"""
            daemon off;
            master_process off;
            pid {{_folder}}/nginx.pid;
            events { }
            http {
              access_log off;
              client_body_temp_path {{_folder}}/body;
              proxy_temp_path {{_folder}}/proxy;
              fastcgi_temp_path {{_folder}}/fastcgi;
              uwsgi_temp_path {{_folder}}/uwsgi;
              scgi_temp_path {{_folder}}/scgi;
              server {
                listen 127.0.0.1:{{Url.Port}};
                {{(_certificates is null ? "" : Tls)}}
                location / {
                  proxy_pass {{_gateway}};
                  {{(passesUpgrades ? Upgrade : "")}}
                }
              }
            }
            """;

    private string Tls =>
        $"listen 127.0.0.1:{_tlsPort} ssl; ssl_certificate {_certificates}/server.pem; ssl_certificate_key {_certificates}/server.key;";

    private const string Upgrade =
        "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";";
}
