using IoTGateway.Cli;
using IoTGateway.Tests.Gateway;
using Microsoft.Extensions.Options;

namespace IoTGateway.Tests.Api;

/// <summary>A setting that cannot be stops the start, and the error names it, its value and what is allowed.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("--Limits:PingSeconds=0", "Limits:PingSeconds is 0: allowed is 1 to 3600.")]
    [InlineData("--Limits:MessageBytes=20000", "Limits:MessageBytes is 20000: allowed is 256 to 16384.")]
    [InlineData("--Listen:Https=70000", "Listen:Https is 70000: allowed is -1 to 65535.")]
    [InlineData("--Listen:Address=here", "Listen:Address is 'here'")]
    [InlineData("--Tls:Certificate=/a.pem", "Tls:Certificate is '/a.pem'")]
    [InlineData("--Data:Path=", "Data:Path is empty")]
    [InlineData("--Security:AdminKey=short", "Security:AdminKey has 5 characters: allowed are 16 to 256")]
    [InlineData("--Limits:PingSecond=5", "Limits:PingSecond is no setting: Limits has Connections,")]
    [InlineData("--Listen:Https=many", "'many' at 'Listen:Https'")]
    [InlineData("--Journal:MaxBytes=1000", "Journal:MaxBytes is 1000: allowed is 262144 or more.")]
    [InlineData("--Journal:KeepBytes=-1", "Journal:KeepBytes is -1: allowed is 0 or more.")]
    [InlineData("--Journal:SegmentBytes=10", "Journal:SegmentBytes is 10: allowed is 1024 or more.")]
    [InlineData("--Journal:PendingBytes=10", "Journal:PendingBytes is 10: allowed is 1024 or more.")]
    [InlineData("--Journal:Path=/tmp", "Journal:Path is no setting")]
    [InlineData("--History:Retention=00:00:01", "History:Retention is 00:00:01: allowed is 01:00:00")]
    [InlineData("--Influx:Url=here", "Influx:Url is 'here': allowed is an http:// or https:// address")]
    public async Task A_value_out_of_range_or_of_another_kind_or_an_unknown_name_stops_the_start(
        string setting,
        string says
    )
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestGateway.StartAsync(setting));
        Assert.Contains(says, failure.Message);
    }

    [Theory]
    [InlineData("--Journal:MaxBytes=1000")]
    [InlineData("--History:Retention=00:00:01")]
    [InlineData("--Influx:Url=here")]
    [InlineData("--Limits:PingSeconds=0")]
    public async Task Whichever_room_a_wrong_setting_belongs_to_the_exit_code_is_2(string setting) =>
        Assert.Equal(CommandLine.Misused, await ServeVerb.RunAsync([setting], TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_given_admin_key_opens_the_API()
    {
        const string Key = "a-key-of-my-own-choice";
        await using var gateway = await TestGateway.StartAsync($"--Security:AdminKey={Key}");
        gateway.Get<IoTGateway.Security.ApiKeys>().EnsureAdminKey(Key);
        gateway.Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
        using var response = await gateway.Client.GetAsync("/api/devices");
        Assert.Equal(200, (int)response.StatusCode);
    }
}
