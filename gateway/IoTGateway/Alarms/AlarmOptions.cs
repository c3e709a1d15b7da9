namespace IoTGateway.Alarms;

/// <summary><c>Alarms:*</c>: whom alarms are told.</summary>
internal sealed class AlarmOptions
{
    private const int ShortestSecret = 16;

    /// <summary>Gets a POST for each event; off without.</summary>
    public string? Webhook { get; set; }

    /// <summary>Signs each POST (HMAC-SHA-256), so that the receiver knows whom it is from.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.That(
                string.IsNullOrEmpty(Webhook)
                    || (Uri.TryCreate(Webhook, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"),
                $"Alarms:Webhook is '{Webhook}': give an address such as https://example.org/alarms."
            ),
            // A secret: no error may show it.
            Setting.That(
                string.IsNullOrEmpty(Webhook) || WebhookSecret?.Length >= ShortestSecret,
                $"Alarms:WebhookSecret has {WebhookSecret?.Length ?? 0} characters: a webhook is signed with {ShortestSecret} or more; set Alarms__WebhookSecret in the environment."
            )
        );
}
