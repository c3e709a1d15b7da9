using System.Net;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Dashboard;

public sealed class SignInTests
{
    [Fact]
    public async Task A_key_signs_in_and_the_cookie_is_for_this_gateway_alone()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = new Browser(gateway, https: true);
        using var answer = await browser.SignInAsync(gateway.AdminKey, next: "/health?x=1");
        Assert.Equal("/health?x=1", answer.Headers.Location?.OriginalString);
        var cookie = Assert.Single(
            answer.Headers.GetValues("Set-Cookie"),
            line => line.StartsWith("__Host-iotgw-", StringComparison.Ordinal)
        );
        foreach (var part in new[] { "path=/", "secure", "httponly", "samesite=strict" })
            Assert.Contains(part, cookie, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.AdminKey, cookie, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/keys")).Status);
    }

    [Theory]
    [InlineData(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
        true
    )]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0", true)]
    [InlineData("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15", false)]
    public async Task On_loopback_without_TLS_cookies_are_secure_for_whoever_keeps_them(string agent, bool isSecure)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = new Browser(gateway, agent: agent);
        using var page = await browser.LookAsync("/sign-in");
        // A jar of .NET would not give a secure cookie back over http, as a browser does: the test's own hand does.
        var form = Assert.Single(page.Headers.GetValues("Set-Cookie"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([
                new("__token", Browser.TokenIn(await page.Content.ReadAsStringAsync())),
                new("key", gateway.AdminKey),
            ]),
            Headers = { { "Cookie", form.Split(';')[0] } },
        };
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var session = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        foreach (var cookie in new[] { form, session })
        {
            Assert.Equal(isSecure, cookie.Contains("; secure", StringComparison.Ordinal));
            Assert.Contains("; httponly", cookie, StringComparison.Ordinal);
            Assert.Contains("; samesite=strict", cookie, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_bad_key_gets_the_same_answer_and_soon_none()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = new Browser(gateway);
        await browser.GetAsync("/sign-in");
        var answers = new List<string>();
        string[] bad = ["", "x", Secret.New(), new string('y', 5_000)];
        foreach (var key in bad)
        {
            using var answer = await browser.PostAsync("/sign-in", ("key", key));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            var body = await answer.Content.ReadAsStringAsync();
            answers.Add(Browser.WithoutValues(body));
        }
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        var last = HttpStatusCode.Unauthorized;
        for (var i = 0; i < 10 && last == HttpStatusCode.Unauthorized; i++)
        {
            using var answer = await browser.PostAsync("/sign-in", ("key", "wrong"));
            last = answer.StatusCode;
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        using var right = await browser.PostAsync("/sign-in", ("key", gateway.AdminKey));
        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
    }

    [Fact]
    public async Task A_ticket_opens_one_session_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        var ticket = gateway.Get<SignInTickets>().Issue(ApiKeys.AdminName);
        using var first = new Browser(gateway);
        using var in1 = await first.SignInAsync("", ticket);
        Assert.Equal(HttpStatusCode.Redirect, in1.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await first.GetAsync("/keys")).Status);
        using var second = new Browser(gateway);
        using var in2 = await second.SignInAsync("", ticket);
        Assert.Equal(HttpStatusCode.Unauthorized, in2.StatusCode);
    }

    [Fact]
    public void A_ticket_ends_after_ten_minutes()
    {
        var time = new FakeTimeProvider();
        var tickets = new SignInTickets(time);
        var ticket = tickets.Issue("admin");
        time.Advance(SignInTickets.LifeTime);
        Assert.Null(tickets.Take(ticket));
    }

    [Fact]
    public async Task Signing_out_ends_the_session_wherever_its_cookie_has_got_to()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var secret = Assert
            .Single(
                browser.Cookies,
                cookie => cookie.Name.StartsWith("iotgw-", StringComparison.Ordinal) && cookie.Name != "iotgw-form"
            )
            .Value;
        Assert.NotNull(gateway.Get<Sessions>().Find(secret));
        await browser.GetAsync("/keys");
        using var answer = await browser.PostAsync("/sign-out");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Null(gateway.Get<Sessions>().Find(secret));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/keys")).Status);
    }

    [Fact]
    public async Task Removing_a_key_ends_what_it_opened()
    {
        await using var gateway = await TestGateway.StartAsync();
        var keys = gateway.Get<ApiKeys>();
        var key = keys.Add("ops", Role.Admin)!; // the name is free
        using var browser = await Browser.SignedInAsync(gateway, key);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/keys")).Status);
        Assert.True(keys.Remove("ops"));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/keys")).Status);
        Assert.NotNull(keys.Add("ops", Role.Admin));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/keys")).Status);
    }

    [Theory]
    [InlineData("https://evil.example", "/")]
    [InlineData("//evil.example", "/")]
    [InlineData("/\\evil.example", "/")]
    [InlineData("/alarms", "/alarms")]
    public async Task Nobody_is_sent_elsewhere_after_the_sign_in(string next, string location)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = new Browser(gateway);
        using var answer = await browser.SignInAsync(gateway.AdminKey, next: next);
        Assert.Equal(location, answer.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_form_without_its_token_or_from_another_site_changes_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        await browser.GetAsync("/keys");
        using var foreign = await browser.SendAsync(
            HttpMethod.Post,
            "/keys",
            "https://evil.example",
            ("name", "x"),
            ("role", "admin")
        );
        browser.Token = "";
        using var without = await browser.PostAsync("/keys", ("name", "x"), ("role", "admin"));
        Assert.Equal(HttpStatusCode.BadRequest, foreign.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        Assert.DoesNotContain(gateway.Get<ApiKeys>().List(), key => key.Name == "x");
    }

    [Fact]
    public async Task The_cookie_opens_nothing_of_the_API()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/api/devices")).Status);
    }

    [Fact]
    public async Task A_page_forbids_every_script_and_style_but_its_own_files()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = new Browser(gateway);
        using var answer = await browser.LookAsync("/sign-in");
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
    }
}
