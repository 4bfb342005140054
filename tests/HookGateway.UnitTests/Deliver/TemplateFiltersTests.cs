using System.Diagnostics;
using CsCheck;
using HookGateway.Deliver;
using Xunit;

namespace HookGateway.UnitTests.Deliver;

public sealed class TemplateFiltersTests
{
    private const string Wrapped = "[RichTextFieldRequest(referencedEntityTableName=service_req, jsonContent={0}, columnName=description)]";

    private static readonly string[] Pieces =
    [
        "jsonContent={", "jsonContent=", "\"text\":", "\"", "{", "}", "[", "]", ",", ":", "\\", "\\ud800", "\\u003c", "<p>", "</p>", "<br/>", "<a", ">",
        "<!--", "&lt;", "&#x41;", "&", "\n", " ", "x", "\ud800", "\udc00", "\0", "é", "😀", "columnName=", ")", "null", "1",
    ];

    [Theory]
    [InlineData("""{"text":"<p>what</p>","attachments":[],"inlineImages":[]}""", "what")]
    [InlineData("""{"inlineImages":[{"text":"no"}],"text":"plain"}""", "plain")]
    [InlineData("""{"text":"<div>one</div><div><b>two</b> &amp; <i>three</i></div><br/>four"}""", "one\ntwo & three\nfour")]
    [InlineData("""{"text":"<a href=\"https://x/?a=1&b=2\">here</a>&nbsp;&lt;b&gt;"}""", "here <b>")]
    [InlineData("""{"text":"1 < 2 and 3 > 2 <!-- gone -->"}""", "1 < 2 and 3 > 2")]
    [InlineData("""{"text":"holds jsonContent={\"text\":\"itself\"}"}""", """holds jsonContent={"text":"itself"}""")]
    [InlineData("""{"text":""}""", "")]
    [InlineData("""{"text":7}""", "")]
    [InlineData("""{"other":"x"}""", "")]
    [InlineData("""{"text":"cut""", "")]
    [InlineData("""{"text":"\ud800"}""", "")]
    [InlineData("""{text=<p>what</p>}""", "")]
    [InlineData("null", "")]
    public void JavaText_OfAField_IsItsPlainText(string content, string expected) =>
        Assert.Equal(expected, JavaText.Of(Wrapped.Replace("{0}", content, StringComparison.Ordinal)));

    [Fact]
    public void JavaText_SeveralFields_AreOnLinesOfTheirOwn() => Assert.Equal(
        "a\nc",
        JavaText.Of("""[R(jsonContent={"text":"a"}, columnName=x), R(jsonContent={broken}), R(jsonContent={"text":"c"})]"""));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("just text")]
    [InlineData("jsonContent=")]
    [InlineData("jsonContent={")]
    public void JavaText_NothingInIt_IsEmpty(string text) => Assert.Equal("", JavaText.Of(text));

    [Theory]
    [InlineData(262_000, "what")]
    [InlineData(262_144, "")]
    public void JavaText_BeyondWhatIsLookedAt_IsNotThere(int before, string expected) =>
        Assert.Equal(expected, JavaText.Of(new string('x', before) + """jsonContent={"text":"what"}"""));

    [Fact]
    public void JavaText_AnyPieces_NeverFails() => Gen.Int[0, Pieces.Length - 1].Select(index => Pieces[index]).Array[0, 60]
        .Select(string.Concat)
        .Sample(text => Assert.NotNull(JavaText.Of(text)), iter: 5000);

    [Theory]
    [InlineData("jsonContent={")]
    [InlineData("jsonContent={\"")]
    [InlineData("jsonContent={\"a\":[")]
    [InlineData("jsonContent={\"text\":\"<a<!--&\"},")]
    [InlineData("<a")]
    [InlineData("jsonContent={\"text\":\"    ")]
    public void JavaText_LongAndHostile_TakesNoLongTime(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        var began = Stopwatch.GetTimestamp();

        JavaText.Of(text);
        JavaText.Of(Wrapped.Replace("{0}", $$"""{"text":"{{new string('<', 200_000)}}{{new string(' ', 50_000)}}"}""", StringComparison.Ordinal));

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(" a\r\n\tb \u2028c\u0001 ", 99, "a b c")]
    [InlineData("\u202Egnp.exe\u2066", 99, "gnp.exe")]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdefg", 6, "abcde…")]
    [InlineData("abcd😀f", 6, "abcd…")]
    [InlineData("👩‍💻", 99, "👩‍💻")]
    [InlineData("ab", 1, "…")]
    [InlineData("", 6, "")]
    public void OneLine_OfText_IsOneLineOfNoMoreThanItsLength(string text, int length, string expected) =>
        Assert.Equal(expected, TemplateFilters.OneLine(text, length));

    [Theory]
    [InlineData("{{ body.list | one_line: 5 }}", "1234…")]
    [InlineData("{{ body.object | one_line: 5 }}{{ body.nosuch | one_line }}{{ 148 | one_line: 'x' }}", "…")]
    [InlineData("{{ body.text | escape_slack }}", "&lt;!channel&gt; a &amp;amp; \"b\"")]
    [InlineData("{{ body.object | java_text }}{{ body.nosuch | java_text }}{{ 7 | escape_slack }}", "7")]
    public void Filter_OnAnyValue_GivesText(string template, string expected) => Assert.Equal(
        expected,
        DeliveryTemplateTests.Render(template, """{"list":["123","456"],"object":{"a":1},"text":"<!channel> a &amp; \"b\""}"""));
}
