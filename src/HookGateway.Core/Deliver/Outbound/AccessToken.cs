using System.ComponentModel;

namespace HookGateway.Deliver.Outbound;

/// <summary>An access token, as a cache holds it.</summary>
/// <param name="Value">Goes behind <c>Bearer</c>; a secret.</param>
/// <param name="RefreshAt">From when on another is asked for: a little before it expires.</param>
[ImmutableObject(true)]
internal sealed record AccessToken(string Value, DateTimeOffset RefreshAt)
{
    /// <summary>Which token of its owner it is, from 0. Not part of what is kept: it is where it is kept.</summary>
    public int Generation { get; init; }

    /// <summary>Without the token.</summary>
    public override string ToString() => nameof(AccessToken);
}

/// <summary>No token is to be had; the message may be shown.</summary>
internal sealed class AccessTokenException(string message) : Exception(message);
