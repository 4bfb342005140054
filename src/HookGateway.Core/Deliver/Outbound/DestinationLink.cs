using System.Collections.Concurrent;
using HookGateway.Configuration;
using HookGateway.Events;
using Yarp.ReverseProxy.Model;

namespace HookGateway.Deliver.Outbound;

/// <summary>
/// What every request to one destination has in common, whatever brings it about: its YARP cluster's addresses and client, what
/// of the sender's headers passes, and how the gateway proves who it is.
/// </summary>
internal sealed class DestinationLink(
    DestinationConfiguration destination, ClusterState cluster, AddressChoice addresses, ForwardedHeaders forwarded,
    EgressGuard egress, AccessTokens? tokens)
{
    // By the address as YARP holds it: as many as are configured, parsed once and not at every attempt.
    private readonly ConcurrentDictionary<string, Uri> _urls = new();

    private readonly WebhookSignature? _signature =
        destination.SigningSecrets.Count > 0 ? new WebhookSignature(destination.SigningSecrets) : null;

    public DestinationConfiguration Destination => destination;

    public AddressChoice Addresses => addresses;

    /// <summary>YARP's client; another one after certificates have changed.</summary>
    public HttpMessageInvoker Client => cluster.Model.HttpClient;

    /// <summary>What of an event's kept headers the destination gets.</summary>
    public IEnumerable<KeyValuePair<string, string>> ForwardedOf(WebhookEvent webhookEvent) =>
        forwarded.For(destination.Name, webhookEvent);

    /// <summary>Where an address is.</summary>
    /// <exception cref="EgressDeniedException">It must not be asked for through the destination's proxy.</exception>
    public Uri UrlOf(DestinationState address)
    {
        var url = _urls.GetOrAdd(address.Model.Config.Address, static configured => new Uri(configured));
        if (destination.Proxy is not null)
            egress.CheckLiteral(url);

        return url;
    }

    /// <summary>Whether requests carry an access token, which has to be got first.</summary>
    public bool UsesTokens => tokens is not null;

    /// <summary>The token that requests carry; <see langword="null"/> where they carry none.</summary>
    /// <exception cref="AccessTokenException">There is none to be had.</exception>
    public async ValueTask<AccessToken?> TokenAsync(CancellationToken cancellationToken) =>
        tokens is null ? null : await tokens.GetAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Drops a token that an answer of this status refuses.</summary>
    /// <returns>Whether the next one is another.</returns>
    public async ValueTask<bool> TryDropAsync(AccessToken? token, int? status) =>
        tokens is not null && token is not null && status == 401 && await tokens.TryDropAsync(token).ConfigureAwait(false);

    /// <summary>Signs a request and adds credentials, so that the downstream can tell whom it is from.</summary>
    public void Prove(HttpRequestMessage request, EventId id, ReadOnlySpan<byte> body, DateTimeOffset now, AccessToken? token)
    {
        if (_signature?.Of(id.ToString(), now, body) is { } signature)
            request.Headers.TryAddWithoutValidation("webhook-signature", signature);

        if (destination.Auth is { } auth)
            RequestCredentials.Apply(auth, request, token);
    }
}
