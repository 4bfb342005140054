using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Configuration.Sections;

public sealed class SourceReaderTests
{
    private const string CaptureWarning =
        "3:13: sources.crm.verify: capture: requests are kept in files for 'hookgateway signature detect', and delivered nowhere";

    private const string Expression = "a JMESPath expression, header:NAME, query:NAME or form:NAME";

    [Fact]
    public void Source_EverythingGiven_IsRead()
    {
        var source = Assert.Single(Given.Configuration(Given.Source("""
            path: /hooks/crm/v2
            verify: none
            event: header:X-Event
            id: [header:X-Delivery-Id, id]
            key: ticket.id
            dedupe: { window: 48h, id: { all: [a, b] } }
            allow: 203.0.113.0/24
            answer: { status: 200 }
            """)).Sources);

        Assert.Equal(("crm", "/hooks/crm/v2", null), (source.Name, source.Path, source.Preset));
        Assert.IsType<VerifyConfiguration.None>(source.Verify);
        Assert.Equal(("header:X-Event", "ticket.id", 200), (source.Event, source.Key, source.AnswerStatus));
        Assert.Equal(["header:X-Delivery-Id", "id"], source.Id);
        Assert.Equal((TimeSpan.FromHours(48), true), (source.Dedupe.Window, source.Dedupe.JoinAll));
        Assert.Equal(["a", "b"], source.Dedupe.Id);
        Assert.Equal("203.0.113.0/24", Assert.Single(source.Allow).ToString());
    }

    [Theory]
    [InlineData("id: header:X", new[] { "header:X" })]
    [InlineData("id: [a, b]", new[] { "a", "b" })]
    [InlineData("key: a", new string[0])]
    public void Id_OneOrMany_IsAList(string line, string[] expected) =>
        Assert.Equal(expected, Given.Configuration(Given.Source("verify: none\nevent: type\n" + line)).Sources[0].Id);

    [Theory]
    [InlineData("dedupe: { id: a }", new[] { "a" })]
    [InlineData("dedupe: { id: [a, b] }", new[] { "a", "b" })]
    public void DedupeId_WithoutAll_TakesTheFirstPresent(string line, string[] expected)
    {
        var dedupe = Given.Configuration(Given.Source("verify: none\nevent: type\n" + line)).Sources[0].Dedupe;

        Assert.Equal(expected, dedupe.Id);
        Assert.False(dedupe.JoinAll);
    }

    [Theory]
    [InlineData("path: hooks", "5:11: sources.crm.path: expected a path such as /hooks/crm: plain URL characters, no empty or dotted segments, no slash at its end, not 'hooks'")]
    [InlineData("path: /a/../b", "5:11: sources.crm.path: expected a path such as /hooks/crm: plain URL characters, no empty or dotted segments, no slash at its end, not '/a/../b'")]
    [InlineData("key: a[", $"5:10: sources.crm.key: expected {Expression}, not 'a[' (Error(1, 1): syntax, near '')")]
    [InlineData("id: []", $"5:9: sources.crm.id: needs at least one: {Expression}")]
    [InlineData("id: [a, 'header:']", $"5:13: sources.crm.id: expected {Expression}, not 'header:' (not the name of a header)")]
    [InlineData("dedupe: { window: 31d }", "5:23: sources.crm.dedupe.window: expected a duration from 1s to 30d, such as 500ms, 10s, 5m, 24h or 7d, not '31d'")]
    [InlineData("dedupe: { id: {} }", $"5:15: sources.crm.dedupe.id: needs all: {Expression}")]
    [InlineData("answer: { status: 302 }", "5:23: sources.crm.answer.status: expected a whole number from 200 to 299, not '302'")]
    [InlineData("allow: [10.0.0.1/8]", "5:13: sources.crm.allow: expected a network such as 10.0.0.0/8 (no bits set beyond the prefix) or an address, not '10.0.0.1/8'")]
    [InlineData("secrets: [\"\"]", "5:15: sources.crm.secrets: expected a secret that is not empty")]
    [InlineData("secrets: \"${NONE}\"", "5:14: sources.crm.secrets: the environment variable NONE is not set or empty; ${NONE:-default} gives a default")]
    [InlineData("keepRejected: {}", "5:5: sources.crm.keepRejected: not supported by this version")]
    [InlineData("evnt: x", "5:5: sources.crm: unknown key 'evnt'; did you mean 'event'?")]
    public void Source_Wrong_IsAFaultAtItsPlace(string line, string fault) =>
        Assert.Equal([fault], Given.Faults(Given.Source("verify: none\nevent: type\n" + line)));

    [Theory]
    [InlineData("event: type", "2:3: sources.crm: needs verify: a mapping with hmac, or one of the words none and capture; or a preset")]
    [InlineData("event: type\nverify: {}", "4:5: sources.crm.verify: needs hmac: the scheme of the signature")]
    [InlineData("event: type\nverify: [hmac]", "4:13: sources.crm.verify: expected a mapping with hmac, or one of the words none and capture")]
    [InlineData("verify: none", $"2:3: sources.crm: needs event: {Expression}")]
    [InlineData("preset: sysaid", "2:3: sources.crm: needs secrets: at least one, to verify signatures with")]
    [InlineData("preset: sysaid\nsecrets: []", "4:14: sources.crm.secrets: needs at least one: a secret that is not empty")]
    [InlineData("preset: sysiad", "3:13: sources.crm.preset: expected the name of a preset, not 'sysiad'; did you mean 'sysaid'?")]
    [InlineData("preset: none", "3:13: sources.crm.preset: expected the name of a preset, not 'none'; known: sysaid")]
    public void Source_Incomplete_IsOneFault(string lines, string fault) => Assert.Equal([fault], Given.Faults(Given.Source(lines)));

    [Fact]
    public void Preset_SysAid_IsWholeWithASecret()
    {
        var source = Given.Configuration(Given.Source("preset: sysaid\nsecrets: \"${SECRET}\"")).Sources[0];

        Assert.Equal(("sysaid", "eventName", "srId"), (source.Preset, source.Event, source.Key));
        Assert.Equal(["id"], source.Id);
        Assert.Equal(["top-secret"], source.Secrets);
        Assert.Equal(new VerifyConfiguration.Hmac { Header = "X-Sysaid-Signature" }, source.Verify);
    }

    [Fact]
    public void Preset_Overridden_ChangesFieldByField()
    {
        var source = Given.Configuration(Given.Source("""
            preset: sysaid
            secrets: [a, b]
            verify: { hmac: { encoding: base64 } }
            id: header:X-Id
            key: ~
            """)).Sources[0];

        Assert.Equal(new VerifyConfiguration.Hmac { Header = "X-Sysaid-Signature", Encoding = TextEncoding.Base64 }, source.Verify);
        Assert.Equal(["header:X-Id"], source.Id);
        Assert.Null(source.Key);
        Assert.Equal("eventName", source.Event);
    }

    [Fact]
    public void Preset_SchemeReplacedByAWord_IsGone() =>
        Assert.IsType<VerifyConfiguration.None>(Given.Configuration(Given.Source("preset: sysaid\nverify: none")).Sources[0].Verify);

    [Fact]
    public void Preset_OverriddenWrongly_IsAFaultAtTheOverride() =>
        Assert.Equal(
            ["5:34: sources.crm.verify.hmac.tolerance: needs a timestamp: {timestamp} in format, or timestamp: header:NAME"],
            Given.Faults(Given.Source("preset: sysaid\nsecrets: s\nverify: { hmac: { tolerance: 5m } }")));

    [Theory]
    [InlineData("verify: capture", "'captured'")]
    [InlineData("verify: capture\nevent: type", "type")]
    public void Verify_Capture_NeedsNoEvent_AndIsAWarning(string lines, string expected)
    {
        var valid = Given.Valid(Given.Source(lines));

        Assert.IsType<VerifyConfiguration.Capture>(valid.Configuration.Sources[0].Verify);
        Assert.Equal(expected, valid.Configuration.Sources[0].Event);
        Assert.Equal([CaptureWarning], Given.Warnings(Given.Source(lines)));
    }

    [Fact]
    public void Verify_CaptureBesideSecrets_WarnsThatTheyProtectNothing() => Assert.Equal(
        [
            "4:14: sources.crm.secrets: verify: capture checks no signature: whoever knows the address can send requests that are kept",
            "5" + CaptureWarning[1..],
        ],
        Given.Warnings(Given.Source("preset: sysaid\nsecrets: [s]\nverify: capture")));

    [Fact]
    public void Verify_CaptureWithoutARoute_IsNoOtherWarning() =>
        Assert.Single(Given.Warnings("sources: { crm: { verify: capture } }"));

    [Fact]
    public void Verify_None_IsAWarning() =>
        Assert.Equal(
            ["3:13: sources.crm.verify: none: whoever knows the address can send events"],
            Given.Warnings(Given.Source("verify: none\nevent: type")));
}
