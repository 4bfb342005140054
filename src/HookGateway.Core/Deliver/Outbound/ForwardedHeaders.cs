using System.Collections.Frozen;
using HookGateway.Configuration;
using HookGateway.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// Which of a sender's headers are kept with its event, and which of those a destination gets. What proves who sent it is
/// passed on only where a destination names it in full.
/// </summary>
internal sealed partial class ForwardedHeaders
{
    /// <summary>The most that is kept with one event: 8 KiB of names and values.</summary>
    public const int MostCharacters = 8 * 1024;

    private readonly FrozenDictionary<string, HeaderSelection> _selections;
    private readonly FrozenDictionary<string, FrozenSet<string>> _proofs;
    private readonly ILogger<ForwardedHeaders> _logger;

    public ForwardedHeaders(GatewayConfiguration configuration, ILogger<ForwardedHeaders> logger)
    {
        _logger = logger;
        _selections = configuration.Destinations.Where(destination => destination.ForwardHeaders.Count > 0)
            .ToFrozenDictionary(destination => destination.Name, destination => new HeaderSelection(destination.ForwardHeaders));
        _proofs = configuration.Sources.ToFrozenDictionary(source => source.Name, ProofsOf);
    }

    /// <summary>What to keep of a request whose event goes to these destinations: what at least one of them gets.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Keep(
        string source, IHeaderDictionary headers, IReadOnlyList<string> destinations)
    {
        if (_selections.Count == 0 || !destinations.Any(_selections.ContainsKey))
            return [];

        var kept = new List<KeyValuePair<string, string>>();
        var room = MostCharacters;
        foreach (var (name, values) in headers)
        {
            if (IsOfConnection(name, headers) || !destinations.Any(destination => Takes(destination, source, name)))
                continue;

            foreach (var value in values)
            {
                room -= name.Length + (value?.Length ?? 0);
                if (room >= 0)
                    kept.Add(KeyValuePair.Create(name, value ?? ""));
                else
                    TooLarge(_logger, name, source);
            }
        }

        return kept;
    }

    /// <summary>What a destination gets of the headers that were kept.</summary>
    public IEnumerable<KeyValuePair<string, string>> For(string destination, WebhookEvent webhookEvent) =>
        webhookEvent.Headers.Count == 0 ? [] : webhookEvent.Headers.Where(header => Takes(destination, webhookEvent.Source, header.Key));

    private bool Takes(string destination, string source, string name) =>
        _selections.TryGetValue(destination, out var selection)
        && selection.Takes(name, isProof: !_proofs.TryGetValue(source, out var proofs) || proofs.Contains(name));

    // RFC 9110, 7.6.1: what the sender's Connection header names is meant for the gateway alone.
    private static bool IsOfConnection(string name, IHeaderDictionary headers) =>
        headers.Connection.Any(tokens => tokens?.Split(',', StringSplitOptions.TrimEntries)
            .Contains(name, StringComparer.OrdinalIgnoreCase) == true);

    private static FrozenSet<string> ProofsOf(SourceConfiguration source)
    {
        string?[] ofScheme = source.Verify is VerifyConfiguration.Hmac hmac ? [hmac.Header, hmac.TimestampHeader, hmac.IdHeader] : [];
        return ofScheme.OfType<string>().Concat(["Authorization", "Cookie"]).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    [LoggerMessage(1, LogLevel.Warning, "Header {Header} of an event of {Source} is not kept: together they have more than 8 KiB")]
    private static partial void TooLarge(ILogger logger, string header, string source);
}
