using System.Security.Cryptography;
using HookGateway.Configuration;
using Microsoft.Extensions.Primitives;

namespace HookGateway.Verify;

/// <summary>
/// Checks a request against an HMAC scheme. All secrets and all listed signatures are compared, each in constant time,
/// whichever of them match: how long it takes tells nothing about a secret.
/// </summary>
internal sealed class HmacVerifier
{
    /// <summary>How many signatures of one header value are looked at; senders list two or three while they rotate.</summary>
    internal const int MaxSignatures = 16;

    /// <summary>How many values of a repeated header are looked at: each may cost a hash of the body per secret.</summary>
    internal const int MaxHeaderValues = 4;

    /// <summary>The longest value of a signature's header, in characters.</summary>
    internal const int MaxHeaderLength = 4096;

    /// <summary>The longest timestamp or id that is signed along, in characters.</summary>
    internal const int MaxFieldLength = 512;

    private static readonly VerifyResult[] Refusals =
        [.. Enum.GetValues<RefusalReason>().Select(reason => new VerifyResult.Refused(reason))];

    private readonly HmacScheme _scheme;
    private readonly TimeProvider _time;
    private readonly VerifyResult[] _passed;

    public HmacVerifier(HmacScheme scheme, TimeProvider time)
    {
        _scheme = scheme;
        _time = time;
        _passed = [.. scheme.Keys.Select((_, position) => new VerifyResult.Passed(position))];
    }

    private VerifyConfiguration.Hmac Configuration => _scheme.Configuration;

    public VerifyResult Verify(ReceivedRequest request)
    {
        var values = request.Headers[Configuration.Header];
        if (StringValues.IsNullOrEmpty(values)) return Refusal(RefusalReason.NoSignature);

        var id = "";
        if (_scheme.Content.UsesId && !TrySingle(request.Headers[Configuration.IdHeader!], out id))
            return Refusal(RefusalReason.NoId);

        var furthest = (VerifyResult.Refused)Refusal(RefusalReason.NoSignature);
        for (var i = 0; i < Math.Min(values.Count, MaxHeaderValues); i++)
        {
            var result = VerifyValue(request, values[i] ?? "", id);
            if (result is not VerifyResult.Refused refused) return result;
            if (refused.Reason > furthest.Reason) furthest = refused;
        }

        return furthest;
    }

    private VerifyResult VerifyValue(ReceivedRequest request, string header, string id)
    {
        if (string.IsNullOrWhiteSpace(header)) return Refusal(RefusalReason.NoSignature);
        if (header.Length > MaxHeaderLength) return Refusal(RefusalReason.BadSignatureFormat);

        Span<byte> listed = stackalloc byte[MaxSignatures * SigningKey.MaxDigestLength];
        var count = Decode(header, listed, out var timestampRange);
        if (count == 0) return Refusal(RefusalReason.BadSignatureFormat);

        var timestamp = header.AsSpan(timestampRange);
        DateTimeOffset signedAt = default;
        if (_scheme.NeedsTimestamp && ReadTimestamp(request, ref timestamp, ref signedAt) is { } problem) return Refusal(problem);

        var position = FindKey(listed[..(count * _scheme.DigestLength)], new SignedParts
        {
            Body = request.Body.Span,
            Timestamp = timestamp,
            Id = id,
            Method = request.Method,
            Url = _scheme.Content.UsesUrl ? request.Url : "",
            Path = request.PathAndQuery,
        });
        if (position < 0) return Refusal(RefusalReason.WrongSignature);

        // Only now: that a forged request is also old would hide that it is forged.
        if (Configuration.Tolerance is { } tolerance && (_time.GetUtcNow() - signedAt) is var age && age.Duration() > tolerance)
            return new VerifyResult.Refused(RefusalReason.StaleTimestamp, age);
        return _passed[position];
    }

    private int Decode(string header, Span<byte> listed, out Range timestamp)
    {
        Span<Range> ranges = stackalloc Range[MaxSignatures];
        var found = _scheme.Format.Read(header, ranges, out timestamp);
        var decoded = 0;
        foreach (var range in ranges[..found])
        {
            var digest = listed.Slice(decoded * _scheme.DigestLength, _scheme.DigestLength);
            if (SignatureEncoding.TryDecode(Configuration.Encoding, header.AsSpan(range), digest)) decoded++;
        }

        return decoded;
    }

    private RefusalReason? ReadTimestamp(ReceivedRequest request, ref ReadOnlySpan<char> text, ref DateTimeOffset time)
    {
        if (!_scheme.Format.HasTimestamp)
        {
            var values = request.Headers[Configuration.TimestampHeader!];
            if (StringValues.IsNullOrEmpty(values)) return RefusalReason.NoTimestamp;
            if (!TrySingle(values, out var value)) return RefusalReason.BadTimestamp;
            text = value;
        }

        if (text.IsEmpty) return RefusalReason.NoTimestamp;
        if (text.Length > MaxFieldLength) return RefusalReason.BadTimestamp;
        if (Configuration.Tolerance is null) return null;
        return SignatureTimestamp.TryRead(text, Configuration.TimestampUnit, out time) ? null : RefusalReason.BadTimestamp;
    }

    private int FindKey(ReadOnlySpan<byte> listed, in SignedParts parts)
    {
        Span<byte> digest = stackalloc byte[SigningKey.MaxDigestLength];
        digest = digest[.._scheme.DigestLength];
        var match = -1;
        for (var key = _scheme.Keys.Length - 1; key >= 0; key--)
        {
            _scheme.Keys[key].Sign(_scheme.Content, parts, digest);
            for (var at = 0; at < listed.Length; at += digest.Length)
            {
                if (CryptographicOperations.FixedTimeEquals(digest, listed.Slice(at, digest.Length))) match = key;
            }
        }

        return match;
    }

    private static bool TrySingle(StringValues values, out string value)
    {
        value = values.Count == 1 ? values[0] ?? "" : "";
        return value.Length is > 0 and <= MaxFieldLength;
    }

    private static VerifyResult Refusal(RefusalReason reason) => Refusals[(int)reason];
}
