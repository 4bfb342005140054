namespace HookGateway.Verify;

/// <summary>
/// Whether a request is its source's. Closed: one of the two nested kinds; neither ever holds a secret or a signature.
/// </summary>
internal abstract record VerifyResult
{
    private VerifyResult()
    {
    }

    /// <summary>It is the source's.</summary>
    /// <param name="SecretPosition">
    /// Which of the source's secrets signed it, from 0; <see langword="null"/> where nothing is signed.
    /// </param>
    public sealed record Passed(int? SecretPosition) : VerifyResult;

    /// <summary>It is not, or cannot be shown to be.</summary>
    /// <param name="Reason">Why, for logs and metrics; the sender is never told.</param>
    /// <param name="Age">For a stale timestamp: how old it was, negative where it lay in the future.</param>
    public sealed record Refused(RefusalReason Reason, TimeSpan? Age = null) : VerifyResult;
}

/// <summary>
/// Why a request was refused, in the order of the checks: of several signatures, the one that came furthest is reported.
/// </summary>
internal enum RefusalReason
{
    /// <summary>The sender's address is not in the source's <c>allow</c>.</summary>
    AddressNotAllowed,

    /// <summary>The signature's header is absent or empty.</summary>
    NoSignature,

    /// <summary>The scheme signs an id, and its header is absent, repeated or too long.</summary>
    NoId,

    /// <summary>Nothing in the signature's header looks like a signature of this scheme: prefix, encoding or length.</summary>
    BadSignatureFormat,

    /// <summary>The scheme needs a timestamp, and there is none.</summary>
    NoTimestamp,

    /// <summary>The timestamp is repeated, too long, or no time.</summary>
    BadTimestamp,

    /// <summary>A signature in good form that no secret of the source makes.</summary>
    WrongSignature,

    /// <summary>Signed by the source, but further from now than the tolerance.</summary>
    StaleTimestamp,
}

/// <summary>The words that logs and the metric <c>hookgateway.rejected</c> use.</summary>
internal static class RefusalReasonWords
{
    public static string ToWord(this RefusalReason reason) => reason switch
    {
        RefusalReason.AddressNotAllowed => "address_not_allowed",
        RefusalReason.NoSignature => "no_signature",
        RefusalReason.NoId => "no_id",
        RefusalReason.BadSignatureFormat => "bad_signature_format",
        RefusalReason.NoTimestamp => "no_timestamp",
        RefusalReason.BadTimestamp => "bad_timestamp",
        RefusalReason.WrongSignature => "wrong_signature",
        RefusalReason.StaleTimestamp => "stale_timestamp",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };
}
