using System.Text;
using HookGateway.Coalesce;
using HookGateway.Configuration;
using Xunit;

namespace HookGateway.UnitTests.Coalesce;

public sealed class UpdateListTests
{
    private readonly UpdateList _updates = new(new UpdatesConfiguration());

    [Theory]
    [InlineData("1751280965889")]
    [InlineData("\"1751280965889\"")]
    [InlineData("\"2025-06-30T10:56:05.889Z\"")]
    [InlineData("\"2025-06-30T12:56:05.889+02:00\"")]
    [InlineData("\"2025-06-30T10:56:05.889\"")]
    public void Timestamp_InAnyNotation_IsTheSameTime(string timestamp) =>
        Assert.Equal(1751280965889, new DateTimeOffset(Read(Body(timestamp))![0].Timestamp, TimeSpan.Zero).ToUnixTimeMilliseconds());

    [Theory]
    [InlineData("null")]
    [InlineData("\"yesterday\"")]
    [InlineData("\"\"")]
    [InlineData("1751280965889.5")]
    [InlineData("1751280965889000")]
    [InlineData("99999999999999999999")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"06/30/2025 10:56\"")]
    public void Timestamp_ThatIsNone_MakesTheListUnreadable(string timestamp) => Assert.Null(Read(Body(timestamp)));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"updates": null}""")]
    [InlineData("""{"updates": {}}""")]
    [InlineData("""{"updates": [1]}""")]
    [InlineData("""{"updates": [{"timestamp": 1}]}""")]
    [InlineData("""{"updates": [{"fieldName": "", "timestamp": 1}]}""")]
    [InlineData("""{"updates": [{"fieldName": null, "timestamp": 1}]}""")]
    [InlineData("""{"updates": [{"fieldName": "a", "timestamp": 1}, {"fieldName": "b"}]}""")]
    [InlineData("""{"updates": [{"fieldName": "\ud800", "timestamp": 1}]}""")]
    [InlineData("""{"updates": [""")]
    [InlineData("")]
    [InlineData("[]")]
    public void List_ThatIsNone_IsUnreadable(string body) => Assert.Null(Read(body));

    [Fact]
    public void List_TooLongOrWithTooLongANameOfAField_IsUnreadable()
    {
        Assert.Equal(UpdateList.Most, Read(Many(UpdateList.Most))!.Count);
        Assert.Null(Read(Many(UpdateList.Most + 1)));
        Assert.NotNull(Read(Named(new string('x', UpdateList.LongestField))));
        Assert.Null(Read(Named(new string('x', UpdateList.LongestField + 1))));

        static string Many(int count) => $$"""{"updates": [{{string.Join(',', Enumerable.Repeat("""{"fieldName":"a","timestamp":1}""", count))}}]}""";
        static string Named(string field) => $$"""{"updates": [{"fieldName":"{{field}}","timestamp":1}]}""";
    }

    [Fact]
    public void Change_IsKeptAsItIsWritten()
    {
        var changes = Read("""{"updates": [ {"fieldName": "a\u0062", "currentValue": "\u00e4" , "timestamp":1, "x": [1.50]} ]}""")!;

        Assert.Equal(("ab", """{"fieldName": "a\u0062", "currentValue": "\u00e4" , "timestamp":1, "x": [1.50]}"""), (changes[0].Field, changes[0].Json));
    }

    [Fact]
    public void ValueHash_TellsValuesApart()
    {
        var changes = Read(
            """{"updates": [{"fieldName":1,"currentValue":"a","timestamp":1},{"fieldName":1,"currentValue":"b","timestamp":1},{"fieldName":1,"currentValue":"\u0061","timestamp":1},{"fieldName":1,"timestamp":1}]}""")!;

        Assert.Equal(changes[0].ValueHash, changes[2].ValueHash);
        Assert.Equal(3, changes.Select(change => change.ValueHash).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"updates": [{"old": 1}], "updates": [ ], "x": "ä"}""", "updates", """{"updates": [{"old": 1}], "updates": [{"n":1},{"n":2}], "x": "ä"}""")]
    [InlineData("""{ "a" : { "b":[ 0 , [ ] ] } }""", "a.b[1]", """{ "a" : { "b":[ 0 , [{"n":1},{"n":2}] ] } }""")]
    [InlineData("\uFEFF{\"updates\":[]}", "updates", "\uFEFF{\"updates\":[{\"n\":1},{\"n\":2}]}")]
    public void Replace_ChangesNothingElse(string body, string path, string expected)
    {
        FieldUpdate[] changes = [new("a", 1, 0, """{"n":1}"""), new("b", 2, 0, """{"n":2}""")];

        Assert.Equal(expected, Encoding.UTF8.GetString(UpdateList.Replace(Encoding.UTF8.GetBytes(body), path, changes)));
    }

    [Fact]
    public void Read_OtherPaths_FindsTheChangesThere()
    {
        var updates = new UpdateList(new UpdatesConfiguration { List = "data[1].changes", Field = "what.name", Value = "to", Timestamp = "at[0]" });

        var changes = updates.Read("""{"data": [0, {"changes": [{"what": {"name": "x"}, "to": 1, "at": [5]}]}]}"""u8)!;

        Assert.Equal("x", Assert.Single(changes).Field);
    }

    [Fact]
    public void Read_AnyByteWrong_NeverThrows()
    {
        var body = Encoding.UTF8.GetBytes("""{"updates": [{"fieldName": "a", "currentValue": "\u00e4", "timestamp": 1}]}""");
        for (var at = 0; at < body.Length; at++)
        {
            foreach (var wrong in "\0{}[]\",:u\\\u00ff"u8)
            {
                var changed = (byte[])body.Clone();
                changed[at] = wrong;
                _ = _updates.Read(changed);
            }
        }
    }

    private IReadOnlyList<FieldUpdate>? Read(string body) => _updates.Read(Encoding.UTF8.GetBytes(body));

    private static string Body(string timestamp) => $$"""{"updates": [{"fieldName": "a", "currentValue": "b", "timestamp": {{timestamp}}}]}""";
}
