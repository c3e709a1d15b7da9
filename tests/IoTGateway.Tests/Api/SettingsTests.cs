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
    public async Task A_value_out_of_range_or_of_another_kind_or_an_unknown_name_stops_the_start(
        string setting,
        string says
    )
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => TestGateway.StartAsync(setting));
        Assert.Contains(says, failure.Message);
    }

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
