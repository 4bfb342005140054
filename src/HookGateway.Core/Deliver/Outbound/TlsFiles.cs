using System.Collections.Concurrent;
using System.Globalization;
using HookGateway.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// The certificates of all destinations, read again when their files change: YARP is then told of a new revision of the cluster,
/// and a client with new connections takes over. Polled by content: Kubernetes swaps mounted files by a symbolic link.
/// </summary>
internal sealed partial class TlsFiles : BackgroundService
{
    /// <summary>The key of a cluster's metadata under which the revision stands.</summary>
    public const string Revision = "tls";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    private readonly GatewayConfiguration _configuration;
    private readonly InMemoryConfigProvider _yarp;
    private readonly TimeProvider _time;
    private readonly ILogger<TlsFiles> _logger;
    private readonly ConcurrentDictionary<string, TlsMaterial> _current = new();
    private readonly Dictionary<string, byte[]> _refused = [];
    private readonly Dictionary<string, string> _revisions = [];
    private int _revision;

    public TlsFiles(
        GatewayConfiguration configuration, InMemoryConfigProvider yarp, TimeProvider time, ILogger<TlsFiles> logger)
    {
        _configuration = configuration;
        _yarp = yarp;
        _time = time;
        _logger = logger;
        foreach (var destination in configuration.Destinations)
        {
            if (destination.Tls is { } tls)
                _current[destination.Name] = TlsMaterial.Read(tls);
        }
    }

    /// <summary>What a destination's connections use; <see langword="null"/> where it says nothing.</summary>
    public TlsMaterial? Of(string destination) => _current.GetValueOrDefault(destination);

    /// <summary>Takes in what has changed since; what cannot be used is refused once, and the old goes on.</summary>
    public void Follow()
    {
        var changed = false;
        foreach (var destination in _configuration.Destinations.Where(destination => destination.Tls is not null))
            changed |= TryFollow(destination.Name, destination.Tls!);

        if (changed)
            _yarp.Update([], DestinationClusters.Describe(_configuration, _revisions));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_current.IsEmpty)
            return;

        using var timer = new PeriodicTimer(PollEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            Follow();
    }

    private bool TryFollow(string destination, TlsConfiguration tls)
    {
        byte[] digest = [];
        try
        {
            digest = TlsMaterial.DigestOf(tls);
            if (digest.AsSpan().SequenceEqual(_current[destination].Digest)
                || digest.AsSpan().SequenceEqual(_refused.GetValueOrDefault(destination)))
            {
                return false;
            }

            _current[destination] = TlsMaterial.Read(tls);
            _revisions[destination] = (++_revision).ToString(CultureInfo.InvariantCulture);
            Followed(_logger, destination);
            return true;
        }
        catch (Exception error)
        {
            // Whatever it is: a loop that fails would stop the whole gateway.
            if (!digest.AsSpan().SequenceEqual(_refused.GetValueOrDefault(destination, [1])))
                Refused(_logger, destination, error.Message);

            _refused[destination] = digest;
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Destination {Destination}: changed certificates are in use")]
    private static partial void Followed(ILogger logger, string destination);

    [LoggerMessage(2, LogLevel.Error, "Destination {Destination}: changed certificates are refused, the old ones go on: {Reason}")]
    private static partial void Refused(ILogger logger, string destination, string reason);
}
