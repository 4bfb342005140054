using System.Globalization;
using System.Net;
using System.Text;
using HookGateway.Configuration;
using HookGateway.Verify;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;
using static HookGateway.UnitTests.Verify.SignatureCase;

namespace HookGateway.UnitTests.Verify;

public sealed class SourceVerifierTests
{
    public static TheoryData<string> Names => [.. SignatureCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Request_OfATabledCase_EndsAsTheTableSays(string name)
    {
        var row = SignatureCase.All[name];
        var verifier = new SourceVerifier(Source(row.Scheme, row.Secrets), At(1700000000));

        var result = verifier.Verify(Request(Body, row.Headers.Select(header => Header(header.Name, header.Value))));

        Assert.Equal(row.Expected, Word(result));
    }

    [Fact]
    public void Request_WithAnyOneByteOfItsBodyChanged_IsAWrongSignature()
    {
        var verifier = new SourceVerifier(Source(SignatureCase.SysAid, "secret"), TimeProvider.System);
        for (var i = 0; i < Body.Length; i++)
        {
            var body = Encoding.UTF8.GetBytes(Body);
            body[i] ^= 1;

            Assert.Equal("wrong_signature", Word(verifier.Verify(Request(body, [Header("X-Sysaid-Signature", Hex)]))));
        }
    }

    [Theory]
    [InlineData(1700000300.000, "0")]
    [InlineData(1700000300.001, "stale_timestamp")]
    [InlineData(1699999700.000, "0")]
    [InlineData(1699999699.999, "stale_timestamp")]
    public void Timestamp_AtTheEdgeOfTheTolerance_CountsToTheMillisecond(double now, string expected)
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(now));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]));

        Assert.Equal(expected, Word(result));
    }

    [Fact]
    public void StaleRequest_ThatIsGenuine_SaysHowStale()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1700000412));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]));

        Assert.Equal(new VerifyResult.Refused(RefusalReason.StaleTimestamp, TimeSpan.FromSeconds(412)), result);
    }

    [Fact]
    public void StaleRequest_ThatIsForged_IsCalledForged()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1800000000));

        var result = verifier.Verify(Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={OtherHex}")]));

        Assert.Equal("wrong_signature", Word(result));
    }

    [Theory]
    [InlineData("203.0.113.9", "passed")]
    [InlineData("203.0.114.9", "address_not_allowed")]
    [InlineData("2001:db8::1", "passed")]
    [InlineData("2001:db9::1", "address_not_allowed")]
    [InlineData(null, "address_not_allowed")]
    public void Address_IsCheckedAgainstTheList(string? address, string expected)
    {
        var source = Source(new VerifyConfiguration.None()) with
        {
            Allow = [IPNetwork.Parse("203.0.113.0/24"), IPNetwork.Parse("2001:db8::/32")],
        };

        var result = new SourceVerifier(source, TimeProvider.System)
            .Verify(Request(Body, address: address is null ? null : IPAddress.Parse(address)));

        Assert.Equal(expected, Word(result));
    }

    [Fact]
    public void Address_OutsideTheList_IsRefusedThoughTheSignatureIsRight()
    {
        var source = Source(SignatureCase.SysAid, "secret") with { Allow = [IPNetwork.Parse("203.0.113.0/24")] };

        var result = new SourceVerifier(source, TimeProvider.System)
            .Verify(Request(Body, [Header("X-Sysaid-Signature", Hex)], address: IPAddress.Loopback));

        Assert.Equal("address_not_allowed", Word(result));
    }

    [Fact]
    public void Verify_FromManyThreads_NeverMixesTwoRequests()
    {
        var source = Source(Stripe, "secret", "old");
        var verifier = new SourceVerifier(source, At(1700000000));
        var signer = new RequestSigner(source);
        Parallel.For(0, 20_000, i =>
        {
            var body = Encoding.UTF8.GetBytes($"body {i}");
            var headers = signer.Sign("POST", Url, body, DateTimeOffset.FromUnixTimeSeconds(1700000000));
            var shown = i % 2 == 0 ? $"body {i}" : $"body {i + 1}";
            Assert.Equal(i % 2 == 0 ? "0" : "wrong_signature", Word(verifier.Verify(Request(shown, headers))));
        });
    }

    [Fact]
    public void Verify_OfAGoodRequest_MakesNoGarbage()
    {
        var verifier = new SourceVerifier(Source(Stripe, "secret"), At(1700000000));
        var request = Request(Body, [Header("Stripe-Signature", $"t=1700000000,v1={StripeHex}")]);

        Assert.Equal(0, Garbage.PerCall(() => verifier.Verify(request)));
    }

    private static FakeTimeProvider At(double unixSeconds) =>
        new(DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(unixSeconds * 1000)));

    private static string Word(VerifyResult result) => result switch
    {
        VerifyResult.Passed { SecretPosition: { } position } => position.ToString(CultureInfo.InvariantCulture),
        VerifyResult.Refused refused => refused.Reason.ToWord(),
        _ => "passed",
    };
}
