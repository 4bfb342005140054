using System.Net;
using HookGateway.Configuration;

namespace HookGateway.Verify;

/// <summary>
/// Tells whether a request comes from one source. Compiled once from the source's configuration, safe for any number of
/// threads, and without garbage where the request is good.
/// </summary>
internal sealed class SourceVerifier
{
    private static readonly VerifyResult Unsigned = new VerifyResult.Passed(null);
    private static readonly VerifyResult Elsewhere = new VerifyResult.Refused(RefusalReason.AddressNotAllowed);

    private readonly IPNetwork[] _allow;
    private readonly HmacVerifier? _hmac;

    /// <exception cref="FormatException">The scheme makes no sense; the message is for the operator.</exception>
    public SourceVerifier(SourceConfiguration source, TimeProvider time)
    {
        _allow = [.. source.Allow];
        _hmac = source.Verify switch
        {
            VerifyConfiguration.None or VerifyConfiguration.Capture => null,
            VerifyConfiguration.Hmac hmac => new HmacVerifier(HmacScheme.Compile(hmac, source.Secrets), time),
            _ => throw new FormatException($"verify: {source.Verify.GetType().Name} is not known"),
        };
    }

    public VerifyResult Verify(ReceivedRequest request)
    {
        if (_allow.Length > 0 && !IsAllowed(request.RemoteAddress)) return Elsewhere;
        return _hmac is null ? Unsigned : _hmac.Verify(request);
    }

    private bool IsAllowed(IPAddress? address)
    {
        if (address is null) return false;
        foreach (var network in _allow)
        {
            if (network.Contains(address)) return true;
        }

        return false;
    }
}
