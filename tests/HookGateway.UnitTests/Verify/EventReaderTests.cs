using System.Text;
using HookGateway.Configuration;
using HookGateway.Store;
using HookGateway.Verify;
using Xunit;
using static HookGateway.UnitTests.Verify.Requests;
using static HookGateway.Verify.IdentifyResult;

namespace HookGateway.UnitTests.Verify;

public sealed class EventReaderTests
{
    private static readonly SourceConfiguration ByType = Source(new VerifyConfiguration.None());

    [Theory]
    [InlineData("type", """{"type":"t"}""", "t")]
    [InlineData(" type ", """{"type":"t"}""", "t")]
    [InlineData("event.type", """{"type":"no","event":{"type":"t"}}""", "t")]
    [InlineData("event.type", """{"event":[{"type":"no"}],"x":{"event":{"type":"no"}}}""", null)]
    [InlineData("[0].eventId", """[{"eventId":7},{"eventId":8}]""", "7")]
    [InlineData("value[1].changeType", """{"value":[{"changeType":"no"},{"changeType":"t"}]}""", "t")]
    [InlineData("value[1][0]", """{"value":[[],["t"]]}""", "t")]
    [InlineData("value[2]", """{"value":[1,2]}""", null)]
    [InlineData("\"event type\".\"a.b\"", """{"event type":{"a.b":"t"}}""", "t")]
    [InlineData("\"\\u0074ype\"", """{"type":"t"}""", "t")]
    [InlineData("type", """{"\u0074ype":"caf\u00e9 \ud83d\ude00"}""", "café 😀")]
    [InlineData("type", """{"type":"é"}""", "é")]
    [InlineData("'constant'", "[]", "constant")]
    [InlineData("type", """{"type":148}""", "148")]
    [InlineData("type", """{"type":-1.50e+2}""", "-1.50e+2")]
    [InlineData("type", """{"type":12345678901234567890123}""", "12345678901234567890123")]
    [InlineData("type", """{"type":true}""", "true")]
    [InlineData("type", """{"type":false}""", "false")]
    [InlineData("type", """{"type":null}""", null)]
    [InlineData("type", "[]", null)]
    [InlineData("type", "\"type\"", null)]
    [InlineData("type", """{"type":"first","type":"last"}""", "last")]
    [InlineData("type", """{"type":"first","type":null}""", null)]
    [InlineData("a.b", """{"a":{"b":"first"},"a":{"c":1}}""", null)]
    [InlineData("a.b", """{"a":{"b":"first"},"a":1}""", null)]
    [InlineData("join('.', [type, action])", """{"type":"Issue","action":"create"}""", "Issue.create")]
    [InlineData("join('.', [type, action])", """{"type":"Issue"}""", null)]
    [InlineData("event.type || type", """{"type":"t"}""", "t")]
    [InlineData("a[-1]", """{"a":[1,2]}""", "2")]
    [InlineData("at || type", """{"at":"2024-01-02T03:04:05Z"}""", "2024-01-02T03:04:05Z")]
    [InlineData("on || type", """{"on":true}""", "true")]
    public void Expression_OnABody_GivesItsValue(string expression, string body, string? expected)
    {
        var result = new EventReader(ByType with { Event = expression }).Identify(Request(body));

        if (expected is null) Assert.Equal(new Malformed("The event has no name."), result);
        else Assert.Equal(expected, Assert.IsType<Identified>(result).Name);
    }

    [Theory]
    [InlineData("type", """{"type":{}}""")]
    [InlineData("type", """{"type":["t"]}""")]
    [InlineData("type || x", """{"type":["t"]}""")]
    public void Name_ThatIsNoText_IsMalformed(string expression, string body)
    {
        var result = new EventReader(ByType with { Event = expression }).Identify(Request(body));

        Assert.Equal(new Malformed("The event's name is an object or an array, not a text."), result);
    }

    [Theory]
    [InlineData("", "The body is empty; this source takes JSON.")]
    [InlineData("\uFEFF", "The body is empty; this source takes JSON.")]
    [InlineData("   ", "The body is not valid JSON, at line 1, byte 4.")]
    [InlineData("{\"type\":\"t\"", "The body is not valid JSON, at line 1, byte 12.")]
    [InlineData("{\"type\":\"t", "The body is not valid JSON, at line 1, byte 11.")]
    [InlineData("{\"type\":\"t\"}\n x", "The body is not valid JSON, at line 2, byte 2.")]
    [InlineData("{\"type\":\"t\"}{}", "The body is not valid JSON, at line 1, byte 13.")]
    [InlineData("{\"type\":\"t\",}", "The body is not valid JSON, at line 1, byte 13.")]
    [InlineData("{'type':'t'}", "The body is not valid JSON, at line 1, byte 2.")]
    [InlineData("// c\n{\"type\":\"t\"}", "The body is not valid JSON, at line 1, byte 1.")]
    [InlineData("type=t", "The body is not valid JSON, at line 1, byte 2.")]
    [InlineData("{\"type\":\"\\ud800\"}", "The body escapes text that is not valid Unicode.")]
    [InlineData("{\"\\ud800....\":1}", "The body escapes text that is not valid Unicode.")]
    [InlineData("{\"type\":\"a\\u000ab\"}", "The event's name contains control characters.")]
    [InlineData("{\"type\":\"a\\u0085b\"}", "The event's name contains control characters.")]
    [InlineData("{\"type\":\"\"}", "The event has no name.")]
    public void Body_NotAsTheSourceNeedsIt_IsMalformedAndSaysWhere(string body, string problem) =>
        Assert.Equal(new Malformed(problem), new EventReader(ByType).Identify(Request(body)));

    [Theory]
    [InlineData(new byte[] { (byte)'"', 0xC3, (byte)'"' })]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' })]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'1', 0 })]
    public void Body_ThatIsNotUtf8_IsMalformed(byte[] body) =>
        Assert.Equal(new Malformed("The body is not valid UTF-8."), new EventReader(ByType).Identify(Request(body)));

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Nesting_Of64Levels_IsReadAnd65IsMalformed(string open, string close)
    {
        var reader = new EventReader(ByType with { Event = "'t'", Id = ["x.y || z"] });
        string Nested(int depth) => Repeat(open, depth) + "1" + Repeat(close, depth);

        Assert.IsType<Identified>(reader.Identify(Request(Nested(64))));
        var problem = Assert.IsType<Malformed>(reader.Identify(Request(Nested(65)))).Problem;

        Assert.Contains("deeper than 64 levels", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"type\":")]
    public void Nesting_Of20000Levels_IsMalformed(string open) =>
        Assert.IsType<Malformed>(new EventReader(ByType).Identify(Request(Repeat(open, 20_000))));

    [Fact]
    public void ByteOrderMark_IsPassedOver() =>
        Assert.Equal("t", Assert.IsType<Identified>(new EventReader(ByType).Identify(Request("\uFEFF{\"type\":\"t\"}"))).Name);

    [Theory]
    [InlineData(200, true)]
    [InlineData(201, false)]
    public void Name_MayHave200Characters(int length, bool accepted)
    {
        var result = new EventReader(ByType).Identify(Request($$"""{"type":"{{new string('n', length)}}"}"""));

        Assert.Equal(accepted, result is Identified);
    }

    [Theory]
    [InlineData("abc", true)]
    [InlineData("512", true)]
    [InlineData("513", false)]
    [InlineData("a\\r\\nX-Evil: 1", false)]
    public void IdAndKey_ThatFitNoHeader_AreHashed(string id, bool kept)
    {
        id = int.TryParse(id, out var length) ? new string('i', length) : id;
        var reader = new EventReader(ByType with { Id = ["id"], Key = "id" });

        var result = Identify(reader, $$"""{"type":"t","id":"{{id}}"}""");
        var other = Identify(reader, $$"""{"type":"t","id":"{{id}}2"}""");

        Assert.Equal(kept ? id : "sha256:", kept ? result.SourceId : result.SourceId?[..7]);
        Assert.Equal(result.SourceId, result.Key);
        Assert.NotEqual(result.SourceId, other.SourceId);
        Assert.Equal(DedupeKey.OfId("crm", result.SourceId!), result.DedupeKey);
    }

    [Fact]
    public void HeadersQueryAndConstants_AreReadWithoutABody()
    {
        var reader = new EventReader(
            ByType with { Event = "header:X-Topic", Id = ["query:missing", "header:X-Id"], Key = "query:tenant" });
        var request = Request(
            "\0 no JSON",
            [Header("x-topic", "orders/create"), Header("X-Id", ""), Header("X-Id", "7"), Header("Content-Type", "image/png")]);

        var result = Assert.IsType<Identified>(reader.Identify(request));

        Assert.Equal(("orders/create", "7", "7"), (result.Name, result.SourceId, result.Key));
    }

    [Theory]
    [InlineData("MessageSid=a+b%2Bc&Type=t", "a b+c")]
    [InlineData("Message%53id=x&Type=t", "x")]
    [InlineData("MessageSid=&MessageSid=second&Type=t", "second")]
    [InlineData("MessageSi=x&MessageSid2=y&Type=t", null)]
    [InlineData("Type=t&MessageSid", null)]
    public void FormFields_AreDecoded(string body, string? expected)
    {
        var reader = new EventReader(ByType with { Event = "form:Type", Id = ["form:MessageSid"] });

        var result = reader.Identify(Request(body, [Header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")]));

        Assert.Equal(expected, Assert.IsType<Identified>(result).SourceId);
    }

    [Fact]
    public void Form_OfMoreThan1000Fields_IsMalformed()
    {
        var reader = new EventReader(ByType with { Event = "form:Type" });
        IdentifyResult Identify(int more) => reader.Identify(
            Request("Type=t" + Repeat("&a=b", more), [Header("Content-Type", "application/x-www-form-urlencoded")]));

        Assert.IsType<Identified>(Identify(999));
        Assert.Equal(new Malformed("The body has more than 1000 form fields."), Identify(1000));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("application/json", true)]
    [InlineData("Application/JSON; charset=utf-8", true)]
    [InlineData("application/json;charset=\"UTF-8\"", true)]
    [InlineData("application/json; v=1; charset=utf8", true)]
    [InlineData("application/cloudevents+json", true)]
    [InlineData("text/plain", true)]
    [InlineData("text/html; charset=utf-8", true)]
    [InlineData("application/json; charset=iso-8859-1", false)]
    [InlineData("text/plain; charset=utf-16", false)]
    [InlineData("application/xml", false)]
    [InlineData("application/jsonx", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("nonsense", false)]
    [InlineData(";;;", false)]
    public void JsonSource_TakesWhatCanBeJson(string? contentType, bool taken)
    {
        var headers = contentType is null ? [] : new[] { Header("Content-Type", contentType) };

        var result = new EventReader(ByType).Identify(Request("""{"type":"t"}""", headers));

        Assert.Equal(taken, result is Identified);
        if (!taken) Assert.Equal(new UnsupportedMediaType("This source takes application/json, in UTF-8."), result);
    }

    [Fact]
    public void ContentType_GivenTwice_IsNotGuessedAt()
    {
        var request = Request("""{"type":"t"}""", [Header("Content-Type", "text/plain"), Header("Content-Type", "text/plain")]);

        Assert.IsType<UnsupportedMediaType>(new EventReader(ByType).Identify(request));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("multipart/form-data; boundary=x")]
    public void FormSource_TakesFormsOnly(string contentType)
    {
        var reader = new EventReader(ByType with { Event = "form:Type" });

        Assert.IsType<UnsupportedMediaType>(reader.Identify(Request("Type=t", [Header("Content-Type", contentType)])));
    }

    [Theory]
    [InlineData("application/json", """{"type":"json"}""", "json")]
    [InlineData("application/x-www-form-urlencoded", "type=form", "form")]
    public void SourceOfBothKinds_ReadsEachBodyAsWhatItIs(string contentType, string body, string id)
    {
        var reader = new EventReader(ByType with { Event = "'t'", Id = ["type", "form:type"] });

        var result = reader.Identify(Request(body, [Header("Content-Type", contentType)]));

        Assert.Equal(id, Assert.IsType<Identified>(result).SourceId);
    }

    [Theory]
    [InlineData("type", "identity", true)]
    [InlineData("type", "gzip", false)]
    [InlineData("type", "identity, br", false)]
    [InlineData("header:X-Topic", "gzip", false)]
    public void ContentEncoding_OtherThanIdentity_IsNotRead(string expression, string encoding, bool taken)
    {
        var request = Request("""{"type":"t"}""", [Header("Content-Encoding", encoding), Header("X-Topic", "t")]);

        Assert.Equal(taken, new EventReader(ByType with { Event = expression }).Identify(request) is Identified);
    }

    [Fact]
    public void Expressions_ThatAreNone_AreFaults()
    {
        foreach (var text in new[] { "a[", "", "header:", "nosuch(a)", "a b", "query: ", "'a" })
            Assert.Throws<FormatException>(() => new EventReader(ByType with { Event = text }));
    }

    private static Identified Identify(EventReader reader, string body) =>
        Assert.IsType<Identified>(reader.Identify(Request(body)));

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
}
