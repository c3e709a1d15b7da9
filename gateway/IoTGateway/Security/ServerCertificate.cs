using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace IoTGateway.Security;

/// <summary>
/// The certificate that Kestrel shows: the operator's PEM files, or one of the gateway's own CA. Looks at the files
/// every minute, so that a renewed certificate is taken without a restart, and renews its own before it ends.
/// </summary>
internal sealed partial class ServerCertificate : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    /// <summary>Devices are given another CA before the end of this one: that takes its time.</summary>
    public static readonly TimeSpan WarnBefore = TimeSpan.FromDays(365);
    private static readonly TimeSpan WarnEvery = TimeSpan.FromDays(1);

    private readonly TlsOptions _options;
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<ServerCertificate> _logger;
    private readonly string _certificatePath;
    private readonly string _keyPath;
    private (DateTime Certificate, DateTime Key) _loaded;
    private volatile SslStreamCertificateContext _context;
    private DateTimeOffset _warned;
    private long _authorityEndsMs;

    public ServerCertificate(
        IOptions<TlsOptions> options,
        IOptions<DataOptions> data,
        TimeProvider time,
        ILogger<ServerCertificate> logger
    )
    {
        _options = options.Value;
        _folder = data.Value.Path;
        _time = time;
        _logger = logger;
        _certificatePath = IsOwn ? Path.Combine(_folder, "server.pem") : _options.Certificate!; // checked by TlsOptions
        _keyPath = IsOwn ? Path.Combine(_folder, "server.key") : _options.Key!; // checked by TlsOptions
        if (IsOwn)
            EnsureOwn();
        _context = Load();
    }

    /// <summary>True where the gateway is its own CA.</summary>
    public bool IsOwn => string.IsNullOrEmpty(_options.Certificate);

    /// <summary>When the gateway's own CA ends, Unix milliseconds; null where it has none.</summary>
    public long? AuthorityEndsMs => IsOwn ? Volatile.Read(ref _authorityEndsMs) : null;

    /// <summary>What a TLS handshake shows now.</summary>
    public SslStreamCertificateContext Context => _context;

    /// <summary>The certificates shown, leaf first.</summary>
    public IEnumerable<X509Certificate2> Chain => [_context.TargetCertificate, .. _context.IntermediateCertificates];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Refresh();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops, or could not start: that is told elsewhere.
        }
    }

    /// <summary>Renews the own certificate where it is time, and takes changed files; what cannot be read changes nothing.</summary>
    internal void Refresh()
    {
        try
        {
            if (IsOwn)
            {
                EnsureOwn();
                WarnOfEnd(_time.GetUtcNow());
            }
            if (Stamp() == _loaded)
                return;
            _context = Load();
            LogReloaded(_certificatePath, _context.TargetCertificate.NotAfter);
        }
        catch (Exception e)
            // ArgumentException: the key is not this certificate's; whoever renews both has not come to the key yet.
            when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            LogKept(e, _certificatePath);
        }
    }

    private void EnsureOwn()
    {
        var now = _time.GetUtcNow();
        CertificateAuthority.Ensure(_folder, now);
        Volatile.Write(ref _authorityEndsMs, CertificateAuthority.EndOf(_folder).ToUnixTimeMilliseconds());
        if (IsGood(now))
            return;
        var separators = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        var names = (_options.Names ?? string.Empty).Split(',', separators);
        CertificateAuthority.Issue(_folder, _certificatePath, _keyPath, names, now);
    }

    /// <summary>Devices trust the CA and must be given the next one while they still can be reached: once a day, in its last year.</summary>
    private void WarnOfEnd(DateTimeOffset now)
    {
        if (now - _warned < WarnEvery)
            return;
        _warned = now;
        var end = CertificateAuthority.EndOf(_folder);
        if (end - WarnBefore <= now)
            LogAuthorityEnds(_folder, end);
    }

    /// <summary>A power cut while it was written leaves half a pair: that one is made anew as well.</summary>
    private bool IsGood(DateTimeOffset now)
    {
        if (!File.Exists(_certificatePath) || !File.Exists(_keyPath))
            return false;
        try
        {
            using var current = X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);
            var end = new DateTimeOffset(current.NotAfter);
            // One that begins later was made while this machine's clock ran ahead.
            if (new DateTimeOffset(current.NotBefore) > now)
                return false;
            // None lives longer than its CA: in the CA's last days a new one would end as soon as this one.
            return end - RenewBefore > now || (end > now && end >= CertificateAuthority.EndOf(_folder));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    private SslStreamCertificateContext Load()
    {
        var stamp = Stamp();
        using var pem = X509Certificate2.CreateFromPemFile(_certificatePath, _keyPath);
        // A key that came straight from PEM is ephemeral, which TLS on Windows cannot use.
        var leaf = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_certificatePath);
        var context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
        // Not before it is taken: what could not be read is tried again, though its time stays the same.
        _loaded = stamp;
        return context;
    }

    private (DateTime, DateTime) Stamp() =>
        (File.GetLastWriteTimeUtc(_certificatePath), File.GetLastWriteTimeUtc(_keyPath));

    [LoggerMessage(3000, LogLevel.Information, "TLS certificate {Path} taken, valid until {NotAfter:u}")]
    private partial void LogReloaded(string path, DateTime notAfter);

    [LoggerMessage(
        3001,
        LogLevel.Error,
        "TLS certificate {Path} cannot be read; the one before stays in use. Mend the file: it is tried again every minute"
    )]
    private partial void LogKept(Exception exception, string path);

    [LoggerMessage(
        3002,
        LogLevel.Warning,
        "The CA in {Folder} ends at {End:u}, and no link opens after that. Move ca.pem, ca.key, server.pem and server.key away together, and give the new ca.pem, made within a minute, to every device"
    )]
    private partial void LogAuthorityEnds(string folder, DateTimeOffset end);
}
