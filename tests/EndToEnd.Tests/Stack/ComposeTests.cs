using System.Text.Json;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests.Stack;

/// <summary>docker-compose.yml, as far as it can be held to its promises without a container engine.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Compose = StackFiles.In("docker-compose.yml");

    [Fact]
    public async Task It_is_valid_by_the_published_schema()
    {
        var schema = StackFiles.In("tests/stack/compose-spec.json");
        var services = await ServicesAsync();
        Assert.Superset(
            new HashSet<string> { "gateway", "influxdb", "influxdb3", "mosquitto", "grafana", "demo" },
            services.Keys.ToHashSet()
        );
        // The check itself: what the schema does not know is found.
        var spoilt = Path.GetTempFileName();
        await File.WriteAllTextAsync(spoilt, (await File.ReadAllTextAsync(Compose)).Replace("image:", "imagine:"));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => StackFiles.ReadAsync(spoilt, schema));
        File.Delete(spoilt);
    }

    [Fact]
    public async Task Every_service_has_a_health_check_limits_a_volume_or_none_to_need_and_starts_again()
    {
        foreach (var (name, service) in await ServicesAsync())
        {
            var limits = service.GetProperty("deploy").GetProperty("resources").GetProperty("limits");
            foreach (var limit in new[] { "cpus", "memory", "pids" })
                Assert.True(limits.TryGetProperty(limit, out _), $"{name} has no limit of {limit}");
            Assert.Equal("unless-stopped", service.GetProperty("restart").GetString());
            Assert.True(service.TryGetProperty("volumes", out _), name);
            Assert.True(name == "demo" || service.GetProperty("healthcheck").TryGetProperty("test", out _), name);
            Assert.Contains("no-new-privileges:true", service.GetProperty("security_opt").GetRawText());
        }
    }

    [Fact]
    public async Task The_gateway_runs_as_nobody_in_particular_on_a_root_that_is_read_only()
    {
        var gateway = (await ServicesAsync())["gateway"];
        Assert.Equal("1654:1654", gateway.GetProperty("user").GetString());
        Assert.True(gateway.GetProperty("read_only").GetBoolean());
        Assert.Equal("[\"ALL\"]", gateway.GetProperty("cap_drop").GetRawText());
    }

    [Fact]
    public async Task What_has_a_root_that_is_read_only_takes_secrets_and_configs_from_files_alone()
    {
        var compose = await ReadAsync();
        var written = 0;
        foreach (var (name, service) in Services(compose))
        foreach (var kind in new[] { "secrets", "configs" })
        foreach (var source in Sources(service, kind))
        {
            // Compose mounts a file; anything else it copies into the container, and refuses to where it cannot write.
            var isFile = compose.GetProperty(kind).GetProperty(source).TryGetProperty("file", out _);
            var readOnly = service.TryGetProperty("read_only", out var value) && value.GetBoolean();
            Assert.True(isFile || !readOnly, $"{name} is read-only, and {source} of its {kind} is no file");
            written += isFile ? 0 : 1;
        }
        // The check has something to look at.
        Assert.NotEqual(0, written);
    }

    [Fact]
    public async Task They_start_in_the_order_of_their_health()
    {
        var services = await ServicesAsync();
        Assert.Equal(["influxdb", "influxdb3", "mosquitto"], Waits("gateway"));
        Assert.Equal(["gateway"], Waits("grafana"));
        Assert.Equal(["gateway"], Waits("demo"));

        string[] Waits(string service)
        {
            var needed = services[service].GetProperty("depends_on").EnumerateObject().ToArray();
            Assert.All(needed, one => Assert.Equal("service_healthy", one.Value.GetProperty("condition").GetString()));
            return [.. needed.Select(one => one.Name).Order(StringComparer.Ordinal)];
        }
    }

    [Fact]
    public async Task The_profiles_swap_the_database_and_add_virtual_devices()
    {
        var services = await ServicesAsync();
        string? Profile(string name) =>
            services[name].TryGetProperty("profiles", out var profiles) ? profiles[0].GetString() : null;
        Assert.Equal(
            [null, null, null, "influx2", "influx3", "demo"],
            new[] { "gateway", "mosquitto", "grafana", "influxdb", "influxdb3", "demo" }.Select(Profile)
        );
        // Whichever of the two does not run is not waited for.
        foreach (var database in new[] { "influxdb", "influxdb3" })
            Assert.False(
                services["gateway"].GetProperty("depends_on").GetProperty(database).GetProperty("required").GetBoolean()
            );
        Assert.Equal("simulate", services["demo"].GetProperty("command")[0].GetString());
    }

    [Fact]
    public async Task No_secret_has_a_default_and_without_one_compose_refuses_to_start()
    {
        var secrets = new List<string>();
        foreach (var (name, service) in await ServicesAsync())
        {
            Assert.DoesNotContain("--without-auth", service.GetRawText(), StringComparison.Ordinal);
            if (!service.TryGetProperty("environment", out var environment))
                continue;
            foreach (var variable in environment.EnumerateObject().Where(one => SecretName().IsMatch(one.Name)))
            {
                Assert.Matches(@"^\$\{[A-Z_]+:\?run deploy/first-start first\}$", variable.Value.GetString());
                secrets.Add($"{name} {variable.Name}");
            }
        }
        // Every door has one.
        Assert.Equal(
            [
                "demo IOTGW_KEY",
                "gateway Influx__Token",
                "gateway Mqtt__Password",
                "gateway Security__AdminKey",
                "grafana GF_SECURITY_ADMIN_PASSWORD",
                "grafana INFLUX_TOKEN",
                "influxdb DOCKER_INFLUXDB_INIT_ADMIN_TOKEN",
                "influxdb DOCKER_INFLUXDB_INIT_PASSWORD",
                "influxdb3 INFLUXDB3_AUTH_TOKEN",
                "mosquitto MQTT_PASSWORD",
            ],
            secrets.Order(StringComparer.Ordinal)
        );
        // What has a default is no secret.
        var text = await File.ReadAllTextAsync(Compose);
        Assert.All(
            Default().Matches(text).Select(match => match.Groups["name"].Value),
            name => Assert.DoesNotMatch(SecretName(), name)
        );
    }

    [Fact]
    public async Task Files_that_it_mounts_are_there()
    {
        foreach (var (_, service) in await ServicesAsync())
        foreach (var source in Mounts(service).Select(mount => mount.Source).Where(source => source.StartsWith('.')))
            Assert.True(Path.Exists(StackFiles.In(source)), source);
    }

    [Fact]
    public async Task Whoever_reads_the_gateways_folder_is_its_user_or_gets_the_CA_alone()
    {
        // The image makes it with mode 0700 (.ci/packages looks at that); ca.pem in it is for everybody.
        foreach (var (name, service) in await ServicesAsync())
        foreach (var mount in Mounts(service).Where(mount => mount.Source == "gateway"))
        {
            var isItsUser = service.TryGetProperty("user", out var user) && user.GetString() == "1654:1654";
            Assert.True(isItsUser || mount.Subpath == "ca.pem", $"{name} could not read the gateway's folder");
            Assert.True(name == "gateway" || mount.IsReadOnly, $"{name} could write into the gateway's folder");
        }
    }

    [Theory]
    [InlineData("deploy/grafana/provisioning/datasources/iotgw.yaml", "datasources")]
    [InlineData("deploy/grafana/provisioning/dashboards/iotgw.yaml", "providers")]
    [InlineData("deploy/prometheus/prometheus.yml", "scrape_configs")]
    public async Task The_other_YAML_files_are_YAML(string path, string key) =>
        Assert.NotEqual(0, (await StackFiles.ReadAsync(StackFiles.In(path))).GetProperty(key).GetArrayLength());

    private static Task<JsonElement> ReadAsync() =>
        StackFiles.ReadAsync(Compose, StackFiles.In("tests/stack/compose-spec.json"));

    private static async Task<Dictionary<string, JsonElement>> ServicesAsync() => Services(await ReadAsync());

    private static Dictionary<string, JsonElement> Services(JsonElement compose) =>
        compose.GetProperty("services").EnumerateObject().ToDictionary(one => one.Name, one => one.Value);

    private static IEnumerable<ComposeMount> Mounts(JsonElement service) =>
        service.GetProperty("volumes").EnumerateArray().Select(ComposeMount.Of);

    /// <summary>Names of the secrets or configs that a service is given, written short or long.</summary>
    private static IEnumerable<string> Sources(JsonElement service, string kind) =>
        service.TryGetProperty(kind, out var given)
            ? given
                .EnumerateArray()
                .Select(one => one.ValueKind == JsonValueKind.String ? one : one.GetProperty("source"))
                .Select(one => one.GetString()!) // by the schema
            : [];

    [GeneratedRegex("PASSWORD|TOKEN|KEY|Password|Token|AdminKey", RegexOptions.NonBacktracking)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"\$\{(?<name>[A-Z_]+):-", RegexOptions.NonBacktracking)]
    private static partial Regex Default();
}
