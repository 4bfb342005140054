using HookGateway.Configuration;
using HookGateway.Verify;
using Xunit;
using Hmac = HookGateway.Configuration.VerifyConfiguration.Hmac;

namespace HookGateway.UnitTests.Verify;

public sealed class HmacSchemeTests
{
    private static readonly Hmac Plain = new() { Header = "X-Sig" };

    private static Dictionary<string, (Hmac Scheme, string[] Secrets, string Says)> Faults { get; } = new()
    {
        ["no secret"] = (Plain, [], "secrets"),
        ["empty secret"] = (Plain, [""], "empty"),
        ["prefix alone"] = (Plain with { SecretEncoding = SecretEncoding.Base64 }, ["whsec_"], "empty"),
        ["secret not base64"] = (Plain with { SecretEncoding = SecretEncoding.Base64 }, ["hunter2!"], "secretEncoding"),
        ["secret not hex"] = (Plain with { SecretEncoding = SecretEncoding.Hex }, ["hunter2!"], "secretEncoding"),
        ["no signature"] = (Plain with { Format = "v1=" }, ["s"], "{signature}"),
        ["unknown mark in the format"] = (Plain with { Format = "{signature},{nonce}" }, ["s"], "{timestamp}"),
        ["mark twice"] = (Plain with { Format = "{signature},{signature}" }, ["s"], "each once"),
        ["nothing between"] = (Plain with { Format = "{timestamp}{signature}" }, ["s"], "separates"),
        ["unknown mark in the content"] = (Plain with { Content = "{nonce}{body}" }, ["s"], "{nonce}"),
        ["mark left open"] = (Plain with { Content = "{body" }, ["s"], "closed"),
        ["body not signed"] = (Plain with { Content = "fixed" }, ["s"], "{body}"),
        ["id from nowhere"] = (Plain with { Content = "{id}.{body}" }, ["s"], "header:NAME"),
        ["timestamp from nowhere"] = (Plain with { Content = "{timestamp}.{body}" }, ["s"], "timestamp"),
        ["tolerance without a timestamp"] = (Plain with { Tolerance = TimeSpan.FromMinutes(5) }, ["s"], "timestamp"),
        ["negative tolerance"] = (Plain with { TimestampHeader = "X-Time", Tolerance = TimeSpan.FromDays(-1) }, ["s"], "tolerance"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Scheme_ThatMakesNoSense_IsRefusedWithTheReasonAndNoSecret(string name)
    {
        var (scheme, secrets, says) = Faults[name];

        var fault = Assert.Throws<FormatException>(() => HmacScheme.Compile(scheme, secrets));

        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString(), StringComparison.Ordinal);
    }
}
